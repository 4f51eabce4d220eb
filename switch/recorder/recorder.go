package recorder

import (
	"context"
	"time"

	"treasury-switch/internal/fault"
)

// Recorder writes plans in groups: a few lanes, each one connection, collect
// whatever is ready and write it in one transaction. Agencies are assigned to
// lanes, so that two groups rarely meet.
type Recorder struct {
	lanes   []*lane
	watch   *laneWatch
	commits *commitWatch
}

// Submit hands an entry to its lane. It returns at once: fault.Unavailable if
// the lane's queue is full or the node stops, or if the database is known to be down and the
// entry is a new payment, which must be refused before anything is sent.
func (r *Recorder) Submit(e *Entry) error {
	l := r.of(e.Plan.Payment.Agency)
	if e.Plan.New && l.down.Load() {
		return errDown
	}
	return l.hand(e)
}

// Abandon has the lanes given back as those of a node that has crashed: others search the tables for what it has left open.
func (r *Recorder) Abandon() {
	for _, l := range r.lanes {
		l.unclean.Store(true)
	}
}

// Late reports whether a new payment of the agency would wait too long for its
// group. It is then better refused at once, before any work is done for it: what is
// accepted keeps its time, and the queue stays short.
func (r *Recorder) Late(agency int32) bool {
	l := r.of(agency)
	late := l.late()
	if late {
		l.shed.Store(max(1, int64(l.steady())))
	}
	return late
}

func (r *Recorder) of(agency int32) *lane { return r.lanes[int(agency)%len(r.lanes)] }

// Record hands a plan over and waits for its outcome.
func (r *Recorder) Record(ctx context.Context, e *Entry) (Outcome, error) {
	if err := r.Submit(e); err != nil {
		return 0, err
	}
	return e.Wait(ctx)
}

// Bounds of what a node that is ready may look like.
const (
	hungAfter  = 5 * time.Second // a lane that writes one group for longer hangs
	shedMemory = 5 * time.Second // how long a payment that was turned away counts
)

// Ready reports whether every lane takes payments: it has a database that takes writes,
// and nothing in it hangs or is turned away.
func (r *Recorder) Ready() bool { return r.Hindrance() == nil }

// Hindrance says why payments cannot be recorded now, or not all of them; nil if they can.
func (r *Recorder) Hindrance() error {
	for i, l := range r.lanes {
		switch wrote := l.writing(); {
		case l.down.Load():
			return fault.New(fault.Unavailable, "lane %d has lost its connection and is getting a new one", i)
		case l.refused.Load():
			return fault.New(fault.Bug, "the database refuses the statements of lane %d", i)
		case wrote > hungAfter:
			return fault.New(fault.Unavailable, "lane %d has been writing one group for %s", i, wrote.Round(time.Second))
		case l.shedding():
			return fault.New(fault.Unavailable, "lane %d turns payments away, because those before them wait too long", i)
		}
	}
	if len(r.lanes) == 0 {
		return fault.New(fault.Unavailable, "there is no lane")
	}
	return nil
}
