package main

import (
	"context"
	"fmt"
	"time"

	"treasury-switch/internal/relay"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// Scenarios of repeats and inquiries: they are answered from what is recorded, or not at all.
func repeats() []scenario {
	return []scenario{
		{name: "repeat-of-a-frozen-terminal", play: repeatOfAFrozenTerminal,
			what: "A payment is posted and its answer lost; its terminal is frozen, and then repeats."},
		{name: "repeat-behind-a-double", play: repeatBehindADouble,
			what: "A payment is posted by B and its answer lost; a copy of it reaches A, whose database stalls, and then the repeat."},
		{name: "status-while-recorded", play: statusWhileRecorded,
			what: "B is asked what became of a purchase while A is recording it."},
	}
}

// unheard has a purchase approved whose answer does not reach the terminal.
func (f *field) unheard(ctx context.Context, at *node, t *till) (*iso.Message, error) {
	before, err := f.books.in(ctx, "APPROVED")
	if err != nil {
		return nil, err
	}
	f.network.keep(simulator.Purchases)
	m, debits := t.purchase(), f.network.debits()
	gone := make(chan struct{})
	f.running.Go(func() { t.ask(ctx, at, m, timerSendBefore); close(gone) })
	if err := f.debited(ctx, debits+1); err != nil {
		return nil, err
	}
	<-gone
	f.note("the terminal has hung up, and the network answers")
	f.network.open()
	return m, f.in(ctx, "APPROVED", before+1)
}

func repeatOfAFrozenTerminal(ctx context.Context, f *field) error {
	t := f.till(101, 0)
	m, err := f.unheard(ctx, f.A(), t)
	if err != nil {
		return err
	}
	if err := f.order(ctx, "terminals", "freeze", t.terminal.ID, "--as=maker"); err != nil {
		return err
	}
	err = f.reach(ctx, "B knows that the terminal is frozen", func() (bool, error) {
		return t.pay(ctx, f.B(), t.purchase()) == iso.RC58NotPermittedTerminal, ctx.Err()
	})
	if err != nil {
		return err
	}
	repeated, asked := t.repeat(ctx, f.B(), m), t.status(ctx, f.C(), m)
	if repeated != iso.RC00Approved && repeated != iso.RC09InProgress || asked != iso.RC00Approved && asked != iso.RC09InProgress {
		return wrong("the payment is posted; B tells its repeat %s, and C its status %s", repeated, asked)
	}
	return f.order(ctx, "terminals", "reopen", t.terminal.ID, "--as=maker")
}

// order runs a command that must succeed.
func (f *field) order(ctx context.Context, arguments ...string) error {
	well, text, err := f.operate(ctx, f.address, arguments...)
	if err == nil && !well {
		err = wrong("treasury-switch %v refuses: %s", arguments, text)
	}
	f.note("treasury-switch %v", arguments)
	return err
}

func repeatBehindADouble(ctx context.Context, f *field) error {
	t := f.till(101, 0)
	m, err := f.unheard(ctx, f.B(), t)
	if err != nil {
		return err
	}
	f.note("A's database stalls; a copy of the 0200 comes to A, and the repeat")
	f.A().database.Hold(relay.All, relay.Both)
	f.running.Go(func() { f.copyOf(ctx, f.A(), m) })
	if err := f.pass(ctx, 200*time.Millisecond); err != nil { // A has the copy, and may work on it for a second.
		return err
	}
	t.repeat(ctx, f.A(), m)
	return nil
}

// copyOf sends a copy of a message that no terminal waits for, as if duplicated on the way.
func (f *field) copyOf(ctx context.Context, at *node, m *iso.Message) {
	silent := &field{torture: f.torture, began: f.began} // Its answers reach no terminal.
	(&till{field: silent}).ask(ctx, at, m, timerTerminal)
}

func statusWhileRecorded(ctx context.Context, f *field) error {
	t := f.till(101, 0)
	m := t.purchase()
	release, err := f.books.holdPayments(ctx)
	if err != nil {
		return err
	}
	defer release()
	answer := t.begin(ctx, f.A(), m)
	if err := f.reach(ctx, "A's lane waits for the table", func() (bool, error) {
		n, err := f.books.blocked(ctx, f.A().name)
		return n > 0, err
	}); err != nil {
		return err
	}
	asked := make(chan iso.Code, 1)
	f.running.Go(func() { asked <- t.status(ctx, f.B(), m) })
	if err := f.pass(ctx, 200*time.Millisecond); err != nil { // Shorter than an intent may wait.
		return err
	}
	f.note("the table is free")
	release()
	code, status := answer.told(), <-asked
	f.note("told %s, and %s to the status", code, status)
	if code == "" {
		return fmt.Errorf("%w: A has not answered", errMissed)
	}
	return nil
}
