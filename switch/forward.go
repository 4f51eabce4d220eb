package switching

import (
	"context"
	"math/rand/v2"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// ForwardConfig bounds the store-and-forward of reversals.
type ForwardConfig struct {
	Workers int           // concurrent reversals; 8
	Rate    float64       // reversals started per second, so that a burst never starves new payments; 50
	First   time.Duration // pause after the first try; doubles with each; 2 s
	Most    time.Duration // the longest pause; 5 min
	Look    time.Duration // how often the queue is polled when nothing wakes the forwarder; 1 s
	Answer  time.Duration // wait for the network's answer; 25 s
}

// DefaultForward suits one node.
var DefaultForward = ForwardConfig{
	Workers: 8, Rate: 50, First: 2 * time.Second, Most: 5 * time.Minute, Look: time.Second, Answer: 25 * time.Second,
}

// pause is the delay after a number of tries: doubling, with jitter, so that the reversals of one outage do not
// return as one burst.
func (c *ForwardConfig) pause(tries int) time.Duration {
	d := c.First << min(max(tries-1, 0), 16)
	if d > c.Most || d <= 0 {
		d = c.Most
	}
	return d/2 + rand.N(d/2+1)
}

// Forward sends queued reversals until ctx ends. Items are independent: a failing one delays no other, and none
// expires. A stuck agency delays no other.
func (s *Switch) Forward(ctx context.Context) {
	f := s.newForwarder()
	defer f.wait()
	look := time.NewTicker(s.cfg.Forward.Look)
	defer look.Stop()
	for more := f.round(ctx); ; more = f.round(ctx) {
		for idle := !more; idle; {
			select {
			case <-ctx.Done():
				return
			case agency := <-f.ended:
				f.freed(agency)
			case <-look.C:
				idle = false
			case <-s.wake:
				idle = false
			}
		}
	}
}

// send processes one reversal: load, ask, decide, record.
func (s *Switch) send(ctx context.Context, it recorder.DueReversal) {
	p, err := s.Store.Payment(ctx, it.Key)
	if err != nil {
		s.Log.Error("payment of a queued reversal not loaded", "agency", it.Agency, "error", err)
		return
	}
	asked := time.Now()
	e := s.ask(ctx, &p, it)
	s.Observe.Network("reversal "+string(e.Code), time.Since(asked))
	retryAt := s.Now().Add(s.cfg.Forward.pause(it.Tries))
	if _, err := s.applier.Apply(ctx, p, e, retryAt); err != nil {
		s.Log.Error("answer to a reversal not recorded, it will be sent again", "rrn", p.RRN.String(), "error", err)
	}
}

func (s *Switch) ask(ctx context.Context, p *payment.Payment, it recorder.DueReversal) payment.ReversalAnswered {
	e := payment.ReversalAnswered{Day: s.Today(p.Book), Tries: it.Tries, Rejects: it.Rejects, Limit: s.cfg.Limits.Rejects}
	card, err := s.cardOf(ctx, p)
	if err != nil {
		s.Log.Error("card number of a queued reversal not opened", "rrn", p.RRN.String(), "error", err)
		if fault.Is(err, fault.NotFound) {
			e.Word = payment.ReversalRefused // the key is destroyed: only a person can help
		}
		return e
	}
	limited, cancel := context.WithTimeout(ctx, s.cfg.Forward.Answer)
	defer cancel()
	said, err := s.Network.Reverse(limited, Reversal{
		Intent: p.Intent, PAN: card, Amount: it.Amount, STAN: it.STAN, Transmission: it.Transmission, Repeat: it.Tries > 1,
	})
	if err != nil {
		return e
	}
	e.Word, e.Code = said.Word, said.Code
	e.Day = s.days.OfReversal(ctx, p, said.Day)
	return e
}

func (s *Switch) cardOf(ctx context.Context, p *payment.Payment) (identity.PAN, error) {
	if p.KeyDay == calendar.Date(0) {
		return identity.PAN{}, fault.New(fault.NotFound, "no card number is kept for payment %s", p.RRN)
	}
	return s.Vault.Unseal(ctx, p.KeyDay, p.Sealed, p.ID[:])
}

// farthest is the latest time for which an item can have been scheduled by a correct clock.
func (s *Switch) farthest(now time.Time) time.Time {
	longest := max(s.cfg.Forward.Most, s.cfg.Timers.InFlight+s.cfg.Timers.SendBefore, s.claimFor())
	return now.Add(longest + time.Second)
}

// claimFor is how long a claim keeps an item from other workers.
func (s *Switch) claimFor() time.Duration { return s.cfg.Forward.Answer + 10*time.Second }

// measureQueue counts the queue, for the limit on new debits and for the alarm on its age.
func (s *Switch) measureQueue(ctx context.Context) error {
	queued, oldest, err := s.Store.queueLength(ctx)
	if err != nil {
		s.Log.Error("queue of reversals not measured", "error", err)
		return err
	}
	s.queued.Store(queued)
	var age time.Duration
	if !oldest.IsZero() {
		age = s.Now().Sub(oldest)
	}
	s.Observe.Forward(int(queued), age)
	return nil
}
