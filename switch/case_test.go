package switching

import (
	"context"
	"sync"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
	"treasury-switch/switch/recorder"
)

// A case of an approved payment ends by two persons, in either way: one event, the money where it belongs, and the same
// decision again changes nothing.
func TestCaseEndsByTwoPersons(t *testing.T) {
	for _, c := range []struct {
		end    cases.End
		status payment.Status
		shares [2]int
	}{{cases.EndReversed, payment.Reversed, [2]int{0, 0}}, {cases.EndApproved, payment.Approved, [2]int{700_000, 300_000}}} {
		t.Run(string(c.end), func(t *testing.T) {
			r := newRig(t)
			p, code := r.heldCase()
			d := r.propose(code, c.end)
			r.wantCaseState(code, cases.Proposed)
			next := r.payment(p).BusinessDay.Add(1)
			r.must(r.OpenDay(t.Context(), next, ledger.Live))
			for range 2 {
				ended, err := r.decider().Decide(t.Context(), r.by("checker"), code, d.Last().ID())
				r.must(err)
				if !ended.Last().Done || ended.Status != c.status {
					t.Errorf("dossier %+v", ended)
				}
			}
			there := r.wantStatus(p, c.status, payment.ByOperators)
			if there.Version != d.Version+1 || r.balanceOf(paymenttest.Share1) != c.shares[0] || r.balanceOf(paymenttest.Share2) != c.shares[1] ||
				r.balanceOf(ledger.House(there.Agency, there.Book, ledger.Suspense)) != 0 {
				t.Errorf("version %d, shares %d and %d", there.Version, r.balanceOf(paymenttest.Share1), r.balanceOf(paymenttest.Share2))
			}
			if n := r.count(`SELECT count(*) FROM transfer WHERE version = $1 AND business_day = $2`, there.Version, next.Time()); n == 0 {
				t.Error("the journal is not dated by the current business day")
			}
			r.wantCaseState(code, cases.Answered)
			if c.end == cases.EndApproved {
				r.wantCode(r.Purchase(t.Context(), p), payment.InvalidRequest) // nobody is told 'approved' after a reversal was queued
			}
			r.settleAtNetwork(there, c.status)
			r.holds()
		})
	}
}

// Whoever may not decide changes nothing.
func TestCaseNeedsASecondPersonWhoIsAChecker(t *testing.T) {
	r := newRig(t)
	r.exec(`INSERT INTO staff (name, role, state) VALUES ('second', 'maker', 'open'), ('gone', 'checker', 'closed')`)
	p, code := r.heldCase()
	_, err := cases.Propose(t.Context(), r.db, r.by("stranger"), code, cases.EndReversed, "x")
	wantKind(t, "a stranger proposes", err, fault.Denied)
	_, err = r.decider().Decide(t.Context(), r.by("checker"), code, "")
	wantKind(t, "nothing is proposed", err, fault.NotFound)
	_, err = cases.Propose(t.Context(), r.db, r.by("maker"), code, cases.EndReversed, " \u200f ")
	wantKind(t, "no reason", err, fault.Invalid)
	_, err = cases.Propose(t.Context(), r.db, r.by("checker"), code, cases.EndReversed, "a checker may propose")
	r.must(err)
	for _, who := range []string{"checker", "maker", "second", "gone", "stranger"} {
		_, err = r.decider().Decide(t.Context(), r.by(who), code, "")
		wantKind(t, who+" decides", err, fault.Denied)
		_, err = r.decider().Reject(t.Context(), r.by(who), code, "", "no")
		wantKind(t, who+" rejects", err, fault.Denied)
	}
	r.wantStatus(p, payment.Case, payment.NotFoundButHeld)
	if n := r.count(`SELECT count(*) FROM case_decision`); n != 0 {
		t.Errorf("%d decisions", n)
	}
}

// A rejected proposal leaves the case open; one that waits keeps others away.
func TestCaseRejectedAndProposedAnew(t *testing.T) {
	r := newRig(t)
	p, code := r.heldCase()
	first := r.propose(code, cases.EndApproved)
	_, err := cases.Propose(t.Context(), r.db, r.by("maker"), code, cases.EndReversed, "another")
	wantKind(t, "a second proposal", err, fault.Conflict)
	_, err = r.decider().Reject(t.Context(), r.by("checker"), code, "", "")
	wantKind(t, "without a reason", err, fault.Invalid)
	_, err = r.decider().Reject(t.Context(), r.by("checker"), code, "", "the bank says otherwise")
	r.must(err)
	r.wantCaseState(code, cases.Open)
	_, err = r.decider().Decide(t.Context(), r.by("checker"), code, "")
	wantKind(t, "accept what was rejected", err, fault.Conflict)
	second := r.propose(code, cases.EndReversed)
	_, err = r.decider().Decide(t.Context(), r.by("checker"), code, first.Last().ID())
	wantKind(t, "accept what is not proposed any more", err, fault.Conflict)
	r.wantStatus(p, payment.Case, payment.NotFoundButHeld)
	if second.Last().Round != 2 || second.Proposals[0].Answer != "the bank says otherwise" {
		t.Errorf("proposals %+v", second.Proposals)
	}
	_, err = r.decider().Decide(t.Context(), r.by("checker"), code, second.Last().ID())
	r.must(err)
	_, err = r.decider().Reject(t.Context(), r.by("checker"), code, "", "too late")
	wantKind(t, "reject what is done", err, fault.Conflict)
	_, err = cases.Propose(t.Context(), r.db, r.by("maker"), code, cases.EndClosed, "again")
	wantKind(t, "propose for an answered case", err, fault.Conflict)
	r.settleAtNetwork(r.payment(p), payment.Reversed)
	r.holds()
}

// changing has something else recorded first.
type changing struct {
	recorder.Recording
	first func()
}

func (c changing) Record(ctx context.Context, e *recorder.Entry) (recorder.Outcome, error) {
	c.first()
	return c.Recording.Record(ctx, e)
}

// A payment that changes while a decision about it is carried out: the two persons spoke of another one.
func TestCaseChangesWhileItIsDecided(t *testing.T) {
	r := newRig(t)
	p, code := r.unheldCase()
	r.propose(code, cases.EndReversed)
	before := r.payment(p)
	said, err := r.net.approve(t.Context(), Debit{Intent: before.Intent})
	r.must(err)
	r.must(r.OpenDay(t.Context(), before.LocalDate, ledger.Live))
	decider := r.decider()
	decider.Recorder = changing{r.rec(), func() { r.must(r.LateAnswer(t.Context(), before.Agency, before.RRN, said, agrees)) }}
	_, err = decider.Decide(t.Context(), r.by("checker"), code, "")
	wantKind(t, "carry out on a changed payment", err, fault.Conflict)
	r.wantStatus(p, payment.Case, payment.LateApproval)
}

// The two speak of the payment that they saw: what has changed since is proposed again, also when it changes while the
// decision is on its way into the database.
func TestCaseChangedSinceItWasProposed(t *testing.T) {
	r := newRig(t)
	p, code := r.unheldCase()
	r.propose(code, cases.EndReversed)
	before := r.payment(p)
	said, err := r.net.approve(t.Context(), Debit{Intent: before.Intent})
	r.must(err)
	r.must(r.LateAnswer(t.Context(), before.Agency, before.RRN, said, agrees))
	r.must(r.OpenDay(t.Context(), before.LocalDate, ledger.Live))
	r.wantCaseState(code, cases.Open)
	_, err = r.decider().Decide(t.Context(), r.by("checker"), code, "")
	wantKind(t, "decide on a changed payment", err, fault.Conflict)
	r.wantStatus(p, payment.Case, payment.LateApproval)
	r.propose(code, cases.EndApproved)
	_, err = r.decider().Decide(t.Context(), r.by("checker"), code, "")
	r.must(err)
	r.wantStatus(p, payment.Approved, payment.ByOperators)
	r.holds()
}

// A decision that was written and not carried out: a crash, or an account that takes no credit. The same checker decides
// again, nobody else can in their name, and another end can be proposed instead.
func TestCaseDecidedAndNotCarriedOut(t *testing.T) {
	r := newRig(t)
	r.exec(`INSERT INTO staff (name, role, state) VALUES ('other', 'checker', 'open')`)
	p, code := r.heldCase()
	q, other := r.heldCase()
	r.propose(code, cases.EndApproved)
	r.propose(other, cases.EndApproved)
	r.freeze(paymenttest.Share2)
	for _, c := range []string{code, other} {
		_, err := r.decider().Decide(t.Context(), r.by("checker"), c, "")
		wantKind(t, "credit a frozen account", err, fault.Conflict)
		r.wantCaseState(c, cases.Accepted)
	}
	r.propose(other, cases.EndReversed)
	_, err := r.decider().Decide(t.Context(), r.by("other"), other, "")
	r.must(err)
	r.settleAtNetwork(r.wantStatus(q, payment.Reversed, payment.ByOperators), payment.Reversed)
	r.reopen(paymenttest.Share2)
	_, err = r.decider().Decide(t.Context(), r.by("other"), code, "")
	wantKind(t, "carry out what somebody else decided", err, fault.Conflict)
	_, err = r.decider().Decide(t.Context(), r.by("checker"), code, "")
	r.must(err)
	r.wantStatus(p, payment.Approved, payment.ByOperators)
	r.wantCaseState(code, cases.Answered)
	r.wantCaseState(other, cases.Answered)
	r.holds()
}

// Many checkers at once: one decision, one record.
func TestCaseDecidedByManyAtOnce(t *testing.T) {
	r := newRig(t)
	r.exec(`INSERT INTO staff (name, role, state) VALUES ('other', 'checker', 'open')`)
	p, code := r.heldCase()
	d := r.propose(code, cases.EndReversed)
	var all sync.WaitGroup
	for _, who := range []string{"checker", "other", "checker", "other"} {
		all.Go(func() { _, _ = r.decider().Decide(t.Context(), r.by(who), code, "") })
	}
	all.Wait()
	there := r.wantStatus(p, payment.Reversed, payment.ByOperators)
	if n := r.count(`SELECT count(*) FROM case_decision`); n != 1 || there.Version != d.Version+1 {
		t.Errorf("%d decisions, version %d", n, there.Version)
	}
	r.settleAtNetwork(there, payment.Reversed)
	r.holds()
}
