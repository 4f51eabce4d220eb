package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/relay"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// Scenarios in which a terminal might be told something other than what is recorded.
func durable() []scenario {
	return []scenario{
		{name: "told-by-another-node", play: toldByAnotherNode,
			what: "A's approval is durable and A is stopped before it knows; B tells the terminal 00; A goes on."},
		{name: "stalled-then-late-approval", play: stalledThenLate,
			what: "A's lane stalls while the network is silent; the terminal is answered; then the lane goes on and the approval comes."},
		{name: "confirmation-lost-then-taken-over", play: lostThenTakenOver,
			what: "A's COMMIT is confirmed to nobody, its lane is taken over, and the terminal is answered before A is back."},
		{name: "confirmation-lost-then-killed", play: lostThenKilled,
			what: "A's COMMIT is confirmed to nobody, the terminal is answered, and A is killed."},
		{name: "reversed-by-another-node", play: reversedByAnotherNode,
			what: "A is stopped while the network is asked; the terminal reverses at B; then the network approves, and A goes on."},
	}
}

// posting is the statement that only a group with approvals uses.
const posting = "transfers"

// commitUnheard has purchases committed as approved while their node does not learn of it.
func (f *field) commitUnheard(ctx context.Context, at *node, count int) ([]sale, error) {
	f.network.keep(simulator.Purchases)
	sales := f.sell(ctx, at, f.tills(101, count)...)
	if err := f.debited(ctx, count); err != nil {
		return nil, err
	}
	trap := at.database.Trap(relay.Lanes, relay.AtCommit, posting, relay.Mute)
	f.note("the network answers, and the confirmation of %s's COMMIT is held", at.letter)
	f.network.open()
	if err := f.sprung(ctx, trap); err != nil {
		return nil, err
	}
	return sales, f.in(ctx, "APPROVED", 1)
}

// toldByAnotherNode is a payer's loss: told 00 by B, reversed by A.
func toldByAnotherNode(ctx context.Context, f *field) error {
	sales, err := f.commitUnheard(ctx, f.A(), 6)
	if err != nil {
		return err
	}
	f.note("A is stopped")
	f.A().freeze()
	f.A().database.Release()
	var asking sync.WaitGroup
	var approvals atomic.Int32
	for i, s := range sales {
		asking.Go(func() {
			ask := s.status
			if i%2 == 0 {
				ask = s.repeat
			}
			if ask(ctx, f.B(), s.message) == iso.RC00Approved {
				approvals.Add(1)
			}
		})
	}
	asking.Wait()
	if approvals.Load() == 0 {
		return fmt.Errorf("%w: B has told nobody 00", errMissed)
	}
	if err := f.pass(ctx, timerSwitch+timerGrace); err != nil {
		return err
	}
	f.note("A goes on")
	f.A().thaw()
	told(sales)
	return nil
}

// stalledThenLate has a missing answer wait in the lane's queue until it is given up, and then the approval arrives.
func stalledThenLate(ctx context.Context, f *field) error {
	f.network.keep(simulator.Purchases)
	sales := f.sell(ctx, f.A(), f.tills(101, 4)...)
	if err := f.debited(ctx, 4); err != nil {
		return err
	}
	f.note("A's lane stalls, with a new payment in it")
	f.A().database.Hold(relay.Lanes, relay.Both)
	more := f.sell(ctx, f.A(), f.till(101, 10))
	if err := f.reach(ctx, "the lane waits", func() (bool, error) { return f.A().database.Waiting() > 0, nil }); err != nil {
		return err
	}
	told(sales)
	told(more)
	f.note("the lane goes on, and the network answers late")
	f.A().database.Release()
	f.network.open()
	return f.pass(ctx, time.Second)
}

// lostThenTakenOver has a node's lane taken over while the node does not know whether its group was committed.
func lostThenTakenOver(ctx context.Context, f *field) error {
	sales, err := f.commitUnheard(ctx, f.A(), 1)
	if err != nil {
		return err
	}
	f.note("A cannot reach the database any more")
	f.A().database.Refuse(true)
	f.A().database.Reset(relay.All)
	told(sales)
	if err := f.takeOver(ctx, f.A()); err != nil {
		return err
	}
	f.note("A reaches the database again")
	f.A().database.Refuse(false)
	return f.pass(ctx, 2*time.Second)
}

// takeOver restarts C, under a new name each time, until it has taken the lanes of a node.
func (f *field) takeOver(ctx context.Context, of *node) error {
	for i := range 30 {
		if n, err := f.books.lanesOf(ctx, of.name); err != nil || n == 0 {
			f.note("C has the lanes of %s", of.letter)
			return err
		}
		if err := f.C().stop(ctx); err != nil {
			return err
		}
		f.C().name = fmt.Sprintf("%s-%d", f.C().letter, i+2)
		if err := f.C().start(ctx); err != nil {
			return err
		}
		if err := f.pass(ctx, time.Second); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: nobody has taken the lanes of %s", errMissed, of.letter)
}

// reversedByAnotherNode has a terminal reverse, at another node, a payment whose outcome A does not know.
func reversedByAnotherNode(ctx context.Context, f *field) error {
	f.network.keep(simulator.Purchases)
	sales := f.sell(ctx, f.A(), f.tills(101, 3)...)
	if err := f.debited(ctx, 3); err != nil {
		return err
	}
	f.note("A is stopped")
	f.A().freeze()
	for _, s := range sales {
		if code := s.reverse(ctx, f.B(), s.message); code != iso.RC00Approved {
			return wrong("B tells %s to a reversal", code)
		}
	}
	f.note("the network answers, and A goes on")
	f.network.open()
	f.A().thaw()
	told(sales)
	for _, s := range sales {
		s.repeat(ctx, f.C(), s.message)
		s.status(ctx, f.A(), s.message)
	}
	return nil
}

// lostThenKilled has a node die between telling an outcome and recording it.
func lostThenKilled(ctx context.Context, f *field) error {
	sales, err := f.commitUnheard(ctx, f.A(), 1)
	if err != nil {
		return err
	}
	told(sales)
	f.note("A is killed")
	f.A().kill()
	f.A().database.Release()
	return nil
}
