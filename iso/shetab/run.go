package shetab

import (
	"context"
	"sync"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
)

// Run deals with events until ctx ends, then for at most InboxConfig.Drain with those
// that wait, and returns. What arrives or is left after that is counted and logged as
// lost. Run is called once.
func (b *Inbox) Run(ctx context.Context, to Listener) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running sync.WaitGroup
	for range b.config.Workers {
		running.Go(func() { b.work(working, to) })
	}
	running.Go(func() { b.openDays(ctx, to) })
	<-ctx.Done()
	b.end()
	stop := time.AfterFunc(b.config.Drain, cancel)
	defer stop.Stop()
	running.Wait()
}

// end lets nothing in any more; the workers end when the queue is empty.
func (b *Inbox) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	close(b.late)
}

// work records late answers, one after the other.
func (b *Inbox) work(ctx context.Context, to Listener) {
	for late := range b.late {
		if ctx.Err() != nil {
			b.drop(late, "the program has ended")
			continue
		}
		b.record(ctx, to, late)
	}
}

// record gives one answer to its payment, again after a pause while the database is
// not there.
func (b *Inbox) record(ctx context.Context, to Listener, late lateAnswer) {
	pause, err := b.config.Pause, error(nil)
	for try := 1; ; try++ {
		err = to.LateAnswer(ctx, late.agency, late.rrn, late.said)
		switch {
		case err == nil:
			b.count(Recorded)
			return
		case fault.Is(err, fault.NotFound):
			b.count(Foreign)
			b.warn("answer of the network to a payment that is not here", "event", late.kind.String(),
				"rrn", late.rrn.String(), "agency", late.agency, "code", string(late.said.Code))
			return
		}
		if try == b.config.Tries || !await.Pause(ctx.Done(), pause) {
			break
		}
		pause *= 2
	}
	b.count(Failed)
	b.config.Logger.Error("late answer of the network not recorded: reconcile the payment", "event", late.kind.String(),
		"rrn", late.rrn.String(), "agency", late.agency, "code", string(late.said.Code), "error", err)
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

// openDay tries until the day is open or the program ends: the day of a cut-over must
// not wait for the first payment of it.
func (b *Inbox) openDay(ctx context.Context, to Listener, day calendar.Date) {
	for pause := b.config.Pause; ; pause = min(2*pause, time.Minute) {
		err := to.OpenDay(ctx, day)
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
