package switching

import (
	"context"
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// agencyPart is the part of the workers that the reversals of one agency may keep busy: a half, so that those of another one find a
// worker, however many of the first wait for an answer that does not come.
const agencyPart = 2

// forwarder hands queued reversals to workers: the agencies that have something due take turns, one reversal a turn, and none keeps more
// workers busy than its part. It belongs to one goroutine.
type forwarder struct {
	s       *Switch
	limiter *rate.Limiter
	busy    map[int32]int // workers by the agency whose reversal they carry
	working int           // all of them
	last    int32         // the agency that had the last turn
	ended   chan int32    // the agency of each worker that has come to its end
}

func (s *Switch) newForwarder() *forwarder {
	workers := max(1, s.cfg.Forward.Workers)
	return &forwarder{
		s: s, limiter: rate.NewLimiter(rate.Limit(s.cfg.Forward.Rate), workers), busy: map[int32]int{}, ended: make(chan int32, workers),
	}
}

// round is sendDue, which a bug of it does not end.
func (f *forwarder) round(ctx context.Context) (more bool) {
	err := f.s.shielded("send what is due", func() error { more = f.sendDue(ctx); return nil })
	return more && err == nil
}

// sendDue sends everything that is due. While all that may is under way it waits, and has the queue looked at anew (more) once the time of
// a look has passed or something was queued. Without a signed-on link nothing is claimed: the queue keeps its order and its tries.
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

// next is the agency whose turn it is: the one after the last in the order of numbers, and round again, that has not its part of the
// workers busy. free is false if there is none, or no worker.
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

// turn sends one reversal of the agency, if one is due that nobody else has.
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
		defer func() { f.ended <- agency }()                                                // there is room for every worker
		_ = f.s.shielded("send a reversal", func() error { f.s.send(ctx, it); return nil }) // it is logged
	}()
	return true
}

// freed notes that a worker has come to its end.
func (f *forwarder) freed(agency int32) {
	f.working--
	if f.busy[agency]--; f.busy[agency] == 0 {
		delete(f.busy, agency)
	}
}

// wait waits until every worker has come to its end.
func (f *forwarder) wait() {
	for f.working > 0 {
		f.freed(<-f.ended)
	}
}
