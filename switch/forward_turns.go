package switching

import (
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// agencyPart limits one agency's reversals to this part of the workers, a half, so that other agencies find a worker
// while many of its reversals wait for an answer.
const agencyPart = 2

// forwarder assigns queued reversals to workers: agencies with due items take turns, one reversal each, and none uses
// more workers than its part. It is used by one goroutine.
type forwarder struct {
	s       *Switch
	limiter *rate.Limiter
	busy    map[int32]int // workers in use, by agency
	working int           // the total of busy
	last    int32         // the agency that had the last turn
	ended   chan int32    // the agency of each worker that has finished
}

func (s *Switch) newForwarder() *forwarder {
	workers := max(1, s.cfg.Forward.Workers)
	return &forwarder{
		s: s, limiter: rate.NewLimiter(rate.Limit(s.cfg.Forward.Rate), workers), busy: map[int32]int{}, ended: make(chan int32, workers),
	}
}

// round calls sendDue and survives a panic in it.
func (f *forwarder) round(ctx context.Context) (more bool) {
	err := f.s.shielded("send what is due", func() error { more = f.sendDue(ctx); return nil })
	return more && err == nil
}

// sendDue sends everything that is due. While all workers are busy it waits; it asks for another look at the queue
// (more) when the polling period has passed or something was queued. Without a signed-on link nothing is claimed, so
// that the queue keeps its order and its counts of tries.
func (f *forwarder) sendDue(ctx context.Context) (more bool) {
	if err := f.s.measureQueue(ctx); err != nil || !f.s.Network.Ready() {
		return false
	}
	now := f.s.Now()
	agencies, err := f.s.Store.agenciesDue(ctx, now, f.s.farthest(now))
	if err != nil {
		f.s.Log.Error("queue of reversals not read", "error", err)
		return false
	}
	look := time.NewTimer(f.s.cfg.Forward.Look)
	defer look.Stop()
	for len(agencies) > 0 {
		agency, free := f.next(agencies)
		switch {
		case !free:
			select {
			case agency := <-f.ended:
				f.freed(agency)
			case <-look.C:
				return true
			case <-f.s.wake:
				return true
			case <-ctx.Done():
				return false
			}
		case f.limiter.Wait(ctx) != nil:
			return false
		case !f.turn(ctx, agency):
			agencies = slices.DeleteFunc(agencies, func(a int32) bool { return a == agency })
		}
	}
	return false
}

// next picks the agency whose turn it is: the next one in numerical order, cyclically, that has workers left in its
// part. free is false if there is none, or no free worker.
func (f *forwarder) next(agencies []int32) (agency int32, free bool) {
	workers := cap(f.ended)
	if f.working >= workers {
		return 0, false
	}
	part := max(1, workers/agencyPart)
	first, _ := slices.BinarySearch(agencies, f.last+1)
	for i := range agencies {
		if a := agencies[(first+i)%len(agencies)]; f.busy[a] < part {
			return a, true
		}
	}
	return 0, false
}

// turn sends one reversal of the agency, if one is due and unclaimed.
func (f *forwarder) turn(ctx context.Context, agency int32) bool {
	f.last = agency
	now := f.s.Now()
	it, found, err := f.s.Store.claim(ctx, agency, now, f.s.farthest(now), now.Add(f.s.claimFor()))
	if err != nil {
		f.s.Log.Error("reversals not claimed", "agency", agency, "error", err)
	}
	if err != nil || !found {
		return false
	}
	f.busy[agency]++
	f.working++
	go func() {
		defer func() { f.ended <- agency }()                                                // the channel has room for every worker
		_ = f.s.shielded("send a reversal", func() error { f.s.send(ctx, it); return nil }) // the error is logged
	}()
	return true
}

// freed notes that a worker has finished.
func (f *forwarder) freed(agency int32) {
	f.working--
	if f.busy[agency]--; f.busy[agency] == 0 {
		delete(f.busy, agency)
	}
}

// wait waits for all workers.
func (f *forwarder) wait() {
	for f.working > 0 {
		f.freed(<-f.ended)
	}
}
