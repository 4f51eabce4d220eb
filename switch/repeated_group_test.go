package switching

import (
	"context"
	"testing"

	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// What a group writes twice if its COMMIT was done and its confirmation lost, unless the repetition knows it.

// G9: a hard reject whose record's confirmation is lost counts once.
func TestG9_ARejectCountsOnce(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.reversing()
	r.net.reversing(func(context.Context, Reversal) (payment.ReversalAnswered, error) {
		proxy.Set(pgproxy.LoseReceipt)
		return payment.ReversalAnswered{Word: payment.ReversalRefused, Code: payment.FormatError}, nil
	})
	r.forward()
	if !proxy.Fired() {
		t.Fatal("no confirmation was lost")
	}
	if q := r.queuedReversal(p); q.Rejects != 1 || q.Tries != 1 {
		t.Errorf("%d rejects after %d tries, want one", q.Rejects, q.Tries)
	}
	r.wantStatus(p, payment.Reversing, payment.ByTerminal)
}

func (r *rig) queuedReversal(p *Purchase) recorder.Queued {
	r.t.Helper()
	q, err := recorder.QueuedReversal(r.t.Context(), r.db, r.key(101, p.Identity))
	if r.must(err); q == nil {
		r.t.Fatal("no reversal is queued")
	}
	return *q
}
