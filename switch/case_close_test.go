package switching

import (
	"context"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
)

// Cases of payments in other states are closed by two persons, and no money moves.
func TestCaseOfAnotherStateIsClosed(t *testing.T) {
	r := newRig(t)
	claimed := r.purchase()
	r.wantCode(r.Purchase(t.Context(), claimed), payment.OK)
	day := r.payment(claimed).BusinessDay
	r.must(r.OpenDay(t.Context(), day.Add(1), ledger.Live))
	r.must(ledger.CloseDay(t.Context(), r.db, ledger.Live, day, r.clock.Now()))
	advice := r.reversalOf(claimed)
	advice.Advice = true
	r.wantCode(r.Reverse(t.Context(), advice), payment.OK)

	r.net.script(func(context.Context, Debit) (payment.Answered, error) {
		return payment.Answered{Word: payment.SaidDeclined, Code: "51", Day: claimed.LocalDate}, nil
	})
	conflicting := r.purchase()
	r.wantCode(r.Purchase(t.Context(), conflicting), "51")
	there := r.payment(conflicting)
	said, err := r.net.approve(t.Context(), Debit{Intent: there.Intent})
	r.must(err)
	r.late(there, said)

	for _, p := range []*Purchase{claimed, conflicting} {
		code, before := r.tracking(p), r.payment(p)
		for _, end := range []cases.End{cases.EndApproved, cases.EndReversed} {
			_, err := cases.Propose(t.Context(), r.db, r.by("maker"), code, end, "x")
			wantKind(t, "move money of a payment that is no CASE", err, fault.Conflict)
		}
		_, err := cases.Propose(t.Context(), r.db, r.by("maker"), code, "paid", "x")
		wantKind(t, "an end that does not exist", err, fault.Invalid)
		r.propose(code, cases.EndClosed)
		r.wantCaseState(code, cases.Proposed)
		ended, err := r.decider().Decide(t.Context(), r.by("checker"), code, "")
		r.must(err)
		if !ended.Last().Done || r.payment(p).Version != before.Version || r.payment(p).Status != before.Status {
			t.Errorf("closed: %+v", ended)
		}
		r.wantCaseState(code, cases.Answered)
	}
	if n := r.count(`SELECT count(*) FROM transfer`); n != 2 {
		t.Errorf("%d transfers", n)
	}
	r.holds()
}

// A case of a payment that is still being reversed waits for its outcome. The end of a CASE answers the earlier cases too.
func TestEarlierCaseIsAnsweredWithTheLater(t *testing.T) {
	r := newRig(t)
	r.net.script(func(ctx context.Context, d Debit) (payment.Answered, error) {
		r.freeze(paymenttest.Share2)
		return r.net.approve(ctx, d)
	})
	p := r.purchase()
	r.must(r.OpenDay(t.Context(), p.LocalDate, ledger.Live))
	r.wantCode(r.Purchase(t.Context(), p), payment.OutcomeUnknown)
	code := r.tracking(p)
	_, err := cases.Propose(t.Context(), r.db, r.by("maker"), code, cases.EndClosed, "x")
	wantKind(t, "close while it is being reversed", err, fault.Conflict)
	r.answersReversals(payment.ReversalNotFound, payment.NoOriginal)
	r.forward()
	r.wantStatus(p, payment.Case, payment.NotFoundButHeld)
	_, err = cases.Propose(t.Context(), r.db, r.by("maker"), code, cases.EndClosed, "x")
	wantKind(t, "close a CASE", err, fault.Conflict)
	r.propose(code, cases.EndReversed)
	ended, err := r.decider().Decide(t.Context(), r.by("checker"), code, "")
	r.must(err)
	if len(ended.Cases) != 2 || ended.Cases[0].State != cases.Answered || ended.Cases[0].Reason != payment.PostingFailed {
		t.Errorf("cases %+v", ended.Cases)
	}
	r.wantCaseState(code, cases.Answered)
	r.settleAtNetwork(r.payment(p), payment.Reversed)
	r.holds()
}

const acceptance = `
	INSERT INTO case_decision (agency, opened_on, payment, version, round, maker, checker, verdict, reason, decided_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, 'accepted', '', now())`

// of is where the rows of a proposal stand.
func of(k payment.Key, q cases.Proposal) []any {
	return []any{k.Agency, k.OpenedOn.Time(), k.ID, q.Version, q.Round}
}

// refuses holds that the database refuses a row of the program.
func (r *rig) refuses(what, sql string, args ...any) {
	r.t.Helper()
	if _, err := r.db.Exec(r.t.Context(), sql, args...); !postgres.Refused(err) {
		r.t.Errorf("%s: %v", what, err)
	}
}

// What the program checks, the database refuses too.
func TestDatabaseRefusesOnePersonAsBoth(t *testing.T) {
	r := newRig(t)
	p, code := r.heldCase()
	d := r.propose(code, cases.EndReversed)
	q := *d.Last()
	k := r.payment(p).Key
	r.refuses("maker and checker are one", acceptance, append(of(k, q), q.Maker, "maker")...)
	r.refuses("another maker than the real one", acceptance, append(of(k, q), "somebody", "maker")...)
	q.Round = 2
	r.refuses("a decision about nothing", acceptance, append(of(k, q), q.Maker, "checker")...)
	for what, spoil := range map[string]func(*cases.Proposal){
		"close a CASE":              func(q *cases.Proposal) { q.Outcome = cases.EndClosed },
		"move money without a CASE": func(q *cases.Proposal) { q.Status = payment.Declined },
		"close what is in doubt":    func(q *cases.Proposal) { q.Status, q.Outcome = payment.Reversing, cases.EndClosed },
		"another outcome":           func(q *cases.Proposal) { q.Outcome = "paid" },
		"no reason":                 func(q *cases.Proposal) { q.Reason = "" },
		"a case that is not there":  func(q *cases.Proposal) { q.CaseVersion-- },
		"a case of the future":      func(q *cases.Proposal) { q.Version = q.CaseVersion - 1 },
	} {
		wrong := q
		spoil(&wrong)
		r.refuses(what, `INSERT INTO case_proposal (agency, opened_on, payment, version, round, case_version, status, outcome, maker, reason, made_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now())`,
			append(of(k, wrong), wrong.CaseVersion, string(wrong.Status), string(wrong.Outcome), wrong.Maker, wrong.Reason)...)
	}
	for _, sql := range []string{`UPDATE case_proposal SET maker = 'x'`, `DELETE FROM case_proposal`, `UPDATE case_decision SET checker = 'x'`,
		`DELETE FROM case_decision`, `TRUNCATE case_decision`} {
		if _, err := r.db.Exec(t.Context(), sql); err == nil {
			t.Errorf("the program could %s", sql)
		}
	}
}

// The check of the books finds a case that somebody ended alone, or otherwise than was decided.
func TestCheckFindsACaseEndedWithoutTwoPersons(t *testing.T) {
	r := newRig(t)
	end := func(p *Purchase, s payment.Status) {
		there := r.payment(p)
		_, err := r.applier.Apply(t.Context(), there, payment.OperatorsDecided{Outcome: s, Maker: "maker", Checker: "checker", Today: there.BusinessDay}, r.clock.Now())
		r.must(err)
	}
	alone, _ := r.heldCase()
	end(alone, payment.Reversed)
	undecided, code := r.heldCase()
	r.propose(code, cases.EndReversed)
	end(undecided, payment.Reversed)
	otherwise, code := r.heldCase()
	d := r.propose(code, cases.EndApproved)
	r.exec(acceptance, append(of(r.payment(otherwise).Key, *d.Last()), d.Last().Maker, "checker")...)
	end(otherwise, payment.Reversed)
	found, err := payment.CheckPayments(t.Context(), r.db, 0)
	r.must(err)
	n := 0
	for _, v := range found {
		if v.Invariant == "I5" && v.Rule == "a case is ended by two persons" {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d of 3 found: %+v", n, found)
	}
}

// The list comes in pages, the oldest case first.
func TestCasesAreListedInPages(t *testing.T) {
	r := newRig(t)
	var codes []string
	for range 3 {
		_, code := r.heldCase()
		codes = append(codes, code)
	}
	r.propose(codes[1], cases.EndReversed)
	_, err := r.decider().Decide(t.Context(), r.by("checker"), codes[1], "")
	r.must(err)
	for all, want := range map[bool][]string{false: {codes[0], codes[2]}, true: codes} {
		page := page.Request{Limit: 1}
		for i := 0; ; i++ {
			l, err := cases.List(t.Context(), r.db, all, page)
			r.must(err)
			if i >= len(want) || len(l.Items) != 1 || string(l.Items[0].Tracking) != want[i] || (l.Next == "") != (i == len(want)-1) {
				t.Fatalf("all %v, page %d: %+v, want %v", all, i, l, want)
			}
			if page.After = l.Next; l.Next == "" {
				break
			}
		}
	}
	_, err = cases.List(t.Context(), r.db, false, page.Request{After: "somewhere"})
	wantKind(t, "a page after nowhere", err, fault.Invalid)
}
