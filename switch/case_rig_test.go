package switching

import (
	"slices"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/security/access"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
)

// decider, by and propose act for staff.
func (r *rig) decider() cases.Decider { return cases.Decider{DB: r.db, Recorder: r.Recorder} }

func (r *rig) by(who string) access.By { return access.By{User: who, At: r.clock.Now()} }

func (r *rig) propose(code string, end cases.End) cases.Dossier {
	r.t.Helper()
	d, err := cases.Propose(r.t.Context(), r.db, r.by("maker"), code, end, "the bank has confirmed it in writing")
	r.must(err)
	return d
}

// heldCase is a payment that the network approved and whose reversal it does not know (G7).
func (r *rig) heldCase() (*Purchase, string) {
	r.t.Helper()
	p := r.reversing()
	r.answersReversals(payment.ReversalNotFound, payment.NoOriginal)
	r.forward()
	return p, r.tracking(p)
}

// unheldCase is a payment that the network never answered, and whose reversal it refuses (G9).
func (r *rig) unheldCase() (*Purchase, string) {
	r.t.Helper()
	r.unanswered(false)
	p := r.purchase()
	r.wantCode(r.Purchase(r.t.Context(), p), payment.OutcomeUnknown)
	r.answersReversals(payment.ReversalRefused, payment.FormatError)
	for range DefaultLimits.Rejects {
		r.clock.Advance(testForward.Most)
		r.forward()
	}
	r.wantStatus(p, payment.Case, payment.ReversalRejected)
	return p, r.tracking(p)
}

func (r *rig) tracking(p *Purchase) string {
	there := r.payment(p)
	return string(there.Tracking())
}

// settleAtNetwork makes the network's books what the two persons found out.
func (r *rig) settleAtNetwork(p payment.Payment, s payment.Status) {
	r.net.mu.Lock()
	defer r.net.mu.Unlock()
	r.net.debits[p.RRN] = s == payment.Approved
}

// wantCaseState holds the state of a payment's last case, and that the list of open cases has it unless it is answered.
func (r *rig) wantCaseState(code string, want cases.State) {
	r.t.Helper()
	d, err := cases.Show(r.t.Context(), r.db, code, r.clock.Now())
	r.must(err)
	if got := d.Cases[len(d.Cases)-1].State; got != want {
		r.t.Errorf("case is %s, want %s", got, want)
	}
	open, err := cases.List(r.t.Context(), r.db, false, page.Request{})
	r.must(err)
	listed := slices.ContainsFunc(open.Items, func(i cases.Item) bool { return string(i.Tracking) == code })
	if listed == (want == cases.Answered) {
		r.t.Errorf("listed %v, although it is %s", listed, want)
	}
}

func wantKind(t *testing.T, what string, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: %v, want %s", what, err, k)
	}
}
