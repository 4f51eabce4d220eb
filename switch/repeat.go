package switching

import (
	"context"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// Pauses between polls for a payment that another node is working on. NOTIFY would serialise commits, hence the
// polling.
const (
	firstLook = 20 * time.Millisecond
	slowLook  = 500 * time.Millisecond
)

// repeat answers a request whose identity is taken: with the stored answer, after waiting for it if it is still in
// flight, or with 94 if the content is not the original's (rule 7). A failed look-up gets 09 and never 91. found is
// false if there is no such payment.
func (s *Switch) repeat(ctx context.Context, k payment.Key, print [16]byte, got receipt) (a Answer, found bool) {
	limited, cancel := got.within(ctx, s.cfg.Timers.Switch)
	defer cancel()
	for pause := firstLook; ; pause = min(pause*2, slowLook) {
		p, err := s.Store.Payment(limited, k)
		if err != nil {
			if fault.Is(err, fault.NotFound) {
				return refuse(payment.SystemError), false
			}
			return refuse(payment.InProgress), true
		}
		switch {
		case p.Tombstone():
			return s.answerOf(&p, p.Answer()), true
		case p.Fingerprint != print:
			s.Observe.Alarm(payment.ContentDiffers)
			s.Log.Warn("request repeated with other content", "rrn", p.RRN.String(), "terminal", p.Terminal)
			return refuse(payment.Duplicate), true
		case p.Status != payment.Pending:
			return s.answerOf(&p, p.Answer()), true
		}
		if !await.Pause(limited.Done(), pause) {
			return s.answerOf(&p, payment.InProgress), true
		}
	}
}
