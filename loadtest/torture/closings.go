package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"treasury-switch/internal/relay"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// slowly runs a command whose COMMIT is held until finish is called; finish returns when the command has ended.
func (f *field) slowly(ctx context.Context, arguments ...string) (finish func() error, err error) {
	r, address, err := relay.NewPostgres(f.address)
	if err != nil {
		return nil, err
	}
	trap, ended := r.Trap(relay.Others, relay.AtCommit, "", relay.Keep), make(chan error, 1)
	f.running.Go(func() {
		well, text, err := f.operate(ctx, address, arguments...)
		if err == nil && !well {
			err = fmt.Errorf("%w: treasury-switch %v refuses: %s", errMissed, arguments, text)
		}
		ended <- err
	})
	finish = func() error {
		r.Release()
		err := <-ended
		_ = r.Close() // The command has ended.
		return err
	}
	if err := f.sprung(ctx, trap); err != nil {
		_ = finish()
		return nil, err
	}
	f.note("treasury-switch %v is about to COMMIT", arguments)
	return finish, nil
}

// makes is how long a new node's start may take before it counts as waiting for the command.
const makes = 3 * time.Second

// anotherNode stops C and starts it under a name that has no lane yet, and reports whether it takes payments while the
// command is under way; otherwise it waits for the command, and takes them later.
func (f *field) anotherNode(ctx context.Context) (takes bool, err error) {
	if err := f.C().stop(ctx); err != nil {
		return false, err
	}
	f.C().name += "-new"
	f.note("C starts under a new name")
	if err := f.C().begin(); err != nil {
		return false, err
	}
	if err := f.C().await(ctx, makes); err == nil {
		return true, nil
	}
	f.note("C waits for the command")
	return false, ctx.Err()
}

func frozenWhileALaneIsMade(ctx context.Context, f *field) error {
	finish, err := f.slowly(ctx, "accounts", "freeze", frozenShare, "--as=maker")
	if err != nil {
		return err
	}
	t := f.till(101, 0)
	takes, err := f.anotherNode(ctx)
	if err == nil && takes {
		if code := t.pay(ctx, f.C(), t.purchase()); code != iso.RC00Approved {
			err = fmt.Errorf("%w: the account is open, and C tells %s", errMissed, code)
		}
		f.C().database.Hold(relay.Others, relay.Both) // Its lists do not change meanwhile, so only the group can notice.
	}
	if err := errors.Join(err, finish()); err != nil {
		return err
	}
	f.note("the account is frozen")
	if err := f.C().await(ctx, startLimit); err != nil {
		return must(ctx, err)
	}
	for _, code := range told(f.sell(ctx, f.C(), f.tills(101, 8)...)) {
		if code == iso.RC00Approved {
			return wrong("C credits an account after the command that froze it has returned")
		}
	}
	return nil
}

func closedWhileALaneIsMade(ctx context.Context, f *field) error {
	t := f.till(101, 0)
	old := f.network.Day()
	if code := t.pay(ctx, f.A(), t.purchase()); code != iso.RC00Approved {
		return fmt.Errorf("%w: A tells %s", errMissed, code)
	}
	if _, err := f.network.CutOver(ctx, 0); err != nil {
		return err
	}
	f.note("the network has cut over from %s", old)
	if code := t.pay(ctx, f.A(), t.purchase()); code != iso.RC00Approved {
		return fmt.Errorf("%w: A tells %s", errMissed, code)
	}
	finish, err := f.slowly(ctx, "day", "close", old.String(), "--as=maker")
	if err != nil {
		return err
	}
	takes, err := f.anotherNode(ctx)
	f.network.tell(simulator.Purchases, func(answer *iso.Message, send func(*iso.Message)) bool {
		late := answer.Clone()
		late.Set(iso.FieldSettlement, old.Time().Format("0102"))
		send(late)
		return true
	})
	f.note("the network dates its answers %s", old)
	if err == nil && takes {
		if code := t.pay(ctx, f.C(), t.purchase()); code != iso.RC00Approved {
			err = fmt.Errorf("%w: the day is open, and C tells %s", errMissed, code)
		}
	}
	if err := errors.Join(err, finish()); err != nil {
		return err
	}
	f.note("the day is closed")
	if err := f.C().await(ctx, startLimit); err != nil {
		return must(ctx, err)
	}
	before, err := f.books.onDay(ctx, old.Time())
	if err != nil {
		return err
	}
	told(f.sell(ctx, f.C(), f.tills(101, 8)...))
	after, err := f.books.onDay(ctx, old.Time())
	if err == nil && after > before {
		err = wrong("C has posted %d transfers to a day that is closed", after-before)
	}
	return err
}
