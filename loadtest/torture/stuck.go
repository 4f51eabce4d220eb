package main

import (
	"context"
	"fmt"
	"time"

	"treasury-switch/internal/relay"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// Scenarios in which something hangs: it must not hold up the rest.
func stuck() []scenario {
	return []scenario{
		{name: "power-loss-in-mid-group", play: powerLoss,
			what: "A loses its power while it sends the rows of outcomes: others go on, accounts can be frozen, A starts again."},
		{name: "stopped-in-mid-group", play: stoppedInMidGroup,
			what: "A is stopped while it sends the rows of outcomes: others go on and start anew, and A's payments end well."},
		{name: "vanished-primary", play: vanishedPrimary,
			what: "The database that A's COMMIT went to goes dead without a word: /readyz says no, and A goes on with the present one."},
		{name: "unanswered-reversals", play: unansweredReversals,
			what: "The network answers none of an agency's eighty reversals: another agency's goes through."},
		{name: "orderly-stop", play: orderlyStop,
			what: "A is asked to end while its payments cannot be recorded: somebody else brings them to their end soon."},
		{name: "frozen-while-a-lane-is-made", play: frozenWhileALaneIsMade,
			what: "An account is frozen while a new node makes its lane: that node credits nothing once the command has returned.", cases: true},
		{name: "closed-while-a-lane-is-made", play: closedWhileALaneIsMade,
			what: "A business day is closed while a new node makes its lane: that node posts nothing to it any more.", cases: true},
	}
}

// Bounds of what must go on although something hangs. A dead peer is noticed within 15 seconds.
const (
	deadLimit  = 30 * time.Second
	readyLimit = 9 * time.Second // /readyz says no
	turnLimit  = 10 * time.Second
	soon       = 15 * time.Second // other nodes have ended what a node has left
)

// frozenShare is the account that is frozen: the fee of a passport.
const frozenShare = "R-101-140101-01"

// inMidGroup has a node's lane stop in the middle of an outcome's rows.
func (f *field) inMidGroup(ctx context.Context, at *node, do relay.Deed) ([]sale, error) {
	f.network.keep(simulator.Purchases)
	sales := f.sell(ctx, at, f.tills(101, 3)...)
	if err := f.debited(ctx, 3); err != nil {
		return nil, err
	}
	trap := at.database.Trap(relay.Lanes, relay.AtRows, "events", do)
	f.network.open()
	return sales, f.sprung(ctx, trap)
}

func powerLoss(ctx context.Context, f *field) error {
	sales, err := f.inMidGroup(ctx, f.A(), relay.Fade)
	if err != nil {
		return err
	}
	f.note("A's host loses its power")
	if err := f.A().database.Vanish(relay.All); err != nil {
		return err
	}
	f.A().kill()
	told(sales)
	if err := f.othersGoOn(ctx); err != nil {
		return err
	}
	if err := f.overdue(ctx); err != nil {
		return err
	}
	f.note("A starts again")
	if err := f.A().begin(); err != nil {
		return err
	}
	if err := f.A().await(ctx, deadLimit); err != nil {
		return must(ctx, err)
	}
	return f.canFreeze(ctx)
}

// othersGoOn holds that B and C take payments of the same agency.
func (f *field) othersGoOn(ctx context.Context) error {
	for _, n := range []*node{f.B(), f.C()} {
		t := f.till(101, 10)
		if code := t.pay(ctx, n, t.purchase()); code != iso.RC00Approved {
			return wrong("%s tells %s to a good card", n.letter, code)
		}
	}
	return nil
}

// overdue waits until open payments are past their deadline, so that a starting node looks for them.
func (f *field) overdue(ctx context.Context) error { return f.pass(ctx, timerSwitch+2*timerGrace) }

// canFreeze holds that an account can be frozen before long, and reopens it.
func (f *field) canFreeze(ctx context.Context) error {
	err := f.until(ctx, deadLimit, "an account can be frozen", func() (bool, error) {
		well, _, err := f.operate(ctx, f.address, "accounts", "freeze", frozenShare, "--as=maker")
		return well, err
	})
	if err != nil {
		return must(ctx, err)
	}
	f.note("%s is frozen", frozenShare)
	return nil
}

func stoppedInMidGroup(ctx context.Context, f *field) error {
	sales, err := f.inMidGroup(ctx, f.A(), relay.Keep)
	if err != nil {
		return err
	}
	f.note("A is stopped")
	f.A().freeze()
	if err := f.othersGoOn(ctx); err != nil {
		return err
	}
	told(sales)
	if err := f.overdue(ctx); err != nil {
		return err
	}
	f.note("B is killed and starts again")
	f.B().kill()
	if err := f.B().begin(); err != nil {
		return err
	}
	if err := f.B().await(ctx, deadLimit); err != nil {
		return must(ctx, err)
	}
	f.note("A goes on")
	f.A().database.Release()
	f.A().thaw()
	return nil
}

func vanishedPrimary(ctx context.Context, f *field) error {
	f.network.keep(simulator.Purchases)
	sales := f.sell(ctx, f.A(), f.tills(101, 3)...)
	if err := f.debited(ctx, 3); err != nil {
		return err
	}
	trap := f.A().database.Trap(relay.Lanes, relay.AtCommit, posting, relay.Fade)
	f.network.open()
	if err := f.sprung(ctx, trap); err != nil {
		return err
	}
	f.note("the primary that has A's COMMIT is dead without a word; new connections reach its successor")
	err := f.until(ctx, readyLimit, "A's /readyz says no", func() (bool, error) { return !f.A().ready(ctx), nil })
	if err != nil {
		return must(ctx, err)
	}
	f.note("A's /readyz says no")
	told(sales)
	t := f.till(101, 10)
	return must(ctx, f.until(ctx, deadLimit, "A takes payments again", func() (bool, error) {
		return t.pay(ctx, f.A(), t.purchase()) == iso.RC00Approved, ctx.Err()
	}))
}

func unansweredReversals(ctx context.Context, f *field) error {
	var sales []sale
	for range 4 {
		some := f.sell(ctx, f.A(), f.tills(101, tillsOf)...)
		told(some)
		sales = append(sales, some...)
	}
	f.network.tell(simulator.Reversals, func(answer *iso.Message, _ func(*iso.Message)) bool {
		return answer.Get(iso.FieldTerminal)[:3] == "101" // This answer is dropped.
	})
	f.note("the network answers no reversal of agency 101")
	for i, s := range sales {
		s.reverse(ctx, f.nodes[i%3], s.message)
	}
	n, err := f.books.queued(ctx, 101)
	if err != nil {
		return err
	}
	if n < 75 {
		return fmt.Errorf("%w: only %d reversals wait", errMissed, n)
	}
	t := f.till(102, 0)
	m := t.purchase()
	if code := t.pay(ctx, f.B(), m); code != iso.RC00Approved {
		return fmt.Errorf("%w: B tells %s", errMissed, code)
	}
	t.reverse(ctx, f.B(), m)
	f.note("agency 102 reverses a payment")
	return must(ctx, f.until(ctx, turnLimit, "the reversal of agency 102 is through", func() (bool, error) {
		n, err := f.books.queued(ctx, 102)
		return n == 0, err
	}))
}

func orderlyStop(ctx context.Context, f *field) error {
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
	f.note("A is asked to end, and its lane goes on")
	p, _ := f.A().running()
	p.Ask()
	if err := f.pass(ctx, 300*time.Millisecond); err != nil {
		return err
	}
	f.A().database.Release()
	err := f.until(ctx, stopLimit, "A has ended", func() (bool, error) { return !f.A().alive(), nil })
	if err != nil {
		return must(ctx, err)
	}
	f.note("A has ended")
	return must(ctx, f.settled(ctx, soon))
}
