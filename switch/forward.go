package switching

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
)

// ForwardConfig bounds the store-and-forward of reversals.
type ForwardConfig struct {
	Workers int           // reversals under way at once; 8
	Rate    float64       // reversals started a second, so that a burst never starves fresh traffic; 50
	First   time.Duration // pause after the first try; doubles with each; 2 s
	Most    time.Duration // the longest pause; 5 min
	Look    time.Duration // between looks at the queue when nothing wakes the forwarder; 1 s
	Answer  time.Duration // wait for the network's answer; 25 s
}

// DefaultForward suits one node.
var DefaultForward = ForwardConfig{
	Workers: 8, Rate: 50, First: 2 * time.Second, Most: 5 * time.Minute, Look: time.Second, Answer: 25 * time.Second,
}

// pause is how long to wait after so many tries: doubling, with jitter, so that
// reversals queued by one outage do not come back as one burst.
func (c *ForwardConfig) pause(tries int) time.Duration {
	d := c.First << min(max(tries-1, 0), 16)
	if d > c.Most || d <= 0 {
		d = c.Most
	}
	return d/2 + rand.N(d/2+1)
}

// item is a queued reversal.
type item struct {
	Key
	stan         int
	transmission time.Time
	amount       int64
	tries        int
	rejects      int
}

// Forward sends queued reversals until ctx ends. Items are independent: one
// that fails waits for itself alone, and none expires.
func (s *Switch) Forward(ctx context.Context) {
	limiter := rate.NewLimiter(rate.Limit(s.cfg.Forward.Rate), s.cfg.Forward.Workers)
	free := make(chan struct{}, s.cfg.Forward.Workers)
	look := time.NewTicker(s.cfg.Forward.Look)
	defer look.Stop()
	var running sync.WaitGroup
	defer running.Wait()
	for {
		s.forwardDue(ctx, limiter, free, &running)
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-s.wake:
		}
	}
}

// forwardDue sends everything that is due, as far as workers are free. Without
// a signed-on link nothing is claimed: the queue keeps its order and its tries.
func (s *Switch) forwardDue(ctx context.Context, limiter *rate.Limiter, free chan struct{}, running *sync.WaitGroup) {
	if err := s.measureQueue(ctx); err != nil || !s.Network.Ready() {
		return
	}
	now := s.Now()
	agencies, err := s.Store.agenciesDue(ctx, now, s.farthest(now))
	if err != nil {
		s.Log.Error("queue of reversals not read", "error", err)
		return
	}
	for _, agency := range agencies {
		for {
			now := s.Now()
			items, err := s.Store.claim(ctx, agency, max(1, cap(free)-len(free)), now, s.farthest(now), now.Add(s.claimFor()))
			if err != nil {
				s.Log.Error("reversals not claimed", "agency", agency, "error", err)
			}
			if err != nil || len(items) == 0 {
				break
			}
			for _, it := range items {
				if limiter.Wait(ctx) != nil {
					return
				}
				free <- struct{}{}
				running.Go(func() { defer func() { <-free }(); s.send(ctx, it) })
			}
		}
	}
}

// send carries one reversal through: load, ask, decide, record.
func (s *Switch) send(ctx context.Context, it item) {
	p, err := s.Store.Payment(ctx, it.Key)
	if err != nil {
		s.Log.Error("payment of a queued reversal not loaded", "agency", it.Agency, "error", err)
		return
	}
	asked := s.Now()
	e := s.ask(ctx, &p, it)
	s.Observe.Network("reversal "+string(e.Code), s.Now().Sub(asked))
	retryAt := s.Now().Add(s.cfg.Forward.pause(it.tries))
	if _, err := s.apply(ctx, p, e, retryAt); err != nil {
		s.Log.Error("answer to a reversal not recorded, it will be sent again", "rrn", p.RRN.String(), "error", err)
	}
}

func (s *Switch) ask(ctx context.Context, p *Payment, it item) ReversalAnswered {
	e := ReversalAnswered{Day: s.Today(p.Book), Rejects: it.rejects, Limit: s.cfg.Limits.Rejects}
	card, err := s.cardOf(ctx, p)
	if err != nil {
		s.Log.Error("card number of a queued reversal not opened", "rrn", p.RRN.String(), "error", err)
		if fault.Is(err, fault.NotFound) {
			e.Word = ReversalRefused // its key is destroyed: only a person can help
		}
		return e
	}
	limited, cancel := context.WithTimeout(ctx, s.cfg.Forward.Answer)
	defer cancel()
	said, err := s.Network.Reverse(limited, Reversal{
		Intent: p.Intent, PAN: card, Amount: amountOf(it), STAN: it.stan, Transmission: it.transmission, Repeat: it.tries > 1,
	})
	if err != nil {
		return e
	}
	e.Word, e.Code = said.Word, said.Code
	if !said.Day.IsZero() {
		e.Day = said.Day
	}
	return e
}

func (s *Switch) cardOf(ctx context.Context, p *Payment) (identity.PAN, error) {
	if p.KeyDay == calendar.Date(0) {
		return identity.PAN{}, fault.New(fault.NotFound, "no card number is kept for payment %s", p.RRN)
	}
	return s.Vault.Unseal(ctx, p.KeyDay, p.Sealed, p.ID[:])
}
