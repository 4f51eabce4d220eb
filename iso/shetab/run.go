package shetab

import (
	"context"
	"sync"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
)

// Run handles events until ctx ends, then for at most InboxConfig.Drain the queued ones, and returns. What arrives or
// is left after that is counted and logged as lost. Run is called once.
func (b *Inbox) Run(ctx context.Context, to Listener) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	for range b.config.Workers {
		running.Go(func() { b.errands(working, to) })
	}
	running.Go(func() { b.openDays(ctx, to) })
	<-ctx.Done()
	b.end()
	stop := time.AfterFunc(b.config.Drain, cancel)
	defer stop.Stop()
	running.Wait()
}

// end closes the queue; the workers end when it is empty.
func (b *Inbox) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	close(b.work)
}

// errands handles one errand after the other.
func (b *Inbox) errands(ctx context.Context, to Listener) {
	for one := range b.work {
		if ctx.Err() != nil {
			b.drop(one, "the program has ended")
			continue
		}
		b.carry(ctx, to, one)
	}
}

// carry handles one errand, again after a pause while the database is unavailable.
func (b *Inbox) carry(ctx context.Context, to Listener, one errand) {
	pause := b.config.Pause
	for try := 1; ; try++ {
		done, err := b.shielded(ctx, to, one)
		if b.settled(one, done, err) {
			return
		}
		if try == b.config.Tries || !await.Pause(ctx.Done(), pause) {
			b.count(Failed)
			b.config.Logger.Error("late answer of the network not recorded: reconcile the payment", one.args("error", err)...)
			if one.lost != nil {
				one.lost()
			}
			return
		}
		pause *= 2
	}
}

// shielded handles an errand once. A panic becomes an error, and does not end the process.
func (b *Inbox) shielded(ctx context.Context, to Listener, one errand) (done Outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = b.brokeOff(p, one.args()...)
		}
	}()
	return one.carry(ctx, to)
}

// brokeOff reports a panic to operators.
func (b *Inbox) brokeOff(cause any, about ...any) error {
	bug := fault.Panicked(cause)
	b.config.Logger.Error("a bug ended the work on what the network said", append(about, "error", bug, "stack", bug.Places)...)
	b.config.Alarm()
	return bug
}

// settled counts an errand that is finished, and reports whether it is.
func (b *Inbox) settled(one errand, done Outcome, err error) bool {
	switch {
	case err == nil:
		b.count(done)
	case fault.Is(err, fault.NotFound):
		b.count(Foreign)
		b.warn("answer of the network to a payment that is not here", one.args()...)
	case fault.Is(err, fault.Conflict):
		b.count(Misnaming)
		b.warn("answer of the network is not about the payment that it names, and is not believed", one.args("error", err)...)
	default:
		return false
	}
	return true
}

// args identify an errand in the log.
func (one *errand) args(more ...any) []any {
	return append([]any{"event", one.kind.String(), "rrn", one.rrn.String(), "agency", one.agency, "code", one.code}, more...)
}

// openDays opens business days in the order of their cut-overs.
func (b *Inbox) openDays(ctx context.Context, to Listener) {
	for {
		select {
		case <-ctx.Done():
			return
		case day := <-b.days:
			b.openDay(ctx, to, day)
		}
	}
}

// openDay tries until the day is open or the program ends: the day of a cut-over must not wait for its first payment.
func (b *Inbox) openDay(ctx context.Context, to Listener, day calendar.Date) {
	for pause := b.config.Pause; ; pause = min(2*pause, time.Minute) {
		err := b.openOnce(ctx, to, day)
		if err == nil {
			b.count(DayOpened)
			b.config.Logger.Info("business day opened by the network", "day", day.String())
			return
		}
		b.count(DayFailed)
		b.config.Logger.Error("business day not opened at cut-over", "day", day.String(), "error", err)
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) || !await.Pause(ctx.Done(), pause) {
			return
		}
	}
}

func (b *Inbox) openOnce(ctx context.Context, to Listener, day calendar.Date) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = b.brokeOff(p, "day", day.String())
		}
	}()
	return to.OpenDay(ctx, day)
}
