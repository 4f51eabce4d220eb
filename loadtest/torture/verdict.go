package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"treasury-switch/internal/threeway"
)

// heal ends every fault: relays pass, the network answers truly, frozen nodes go on, and ended ones restart with the right
// clock.
func (f *field) heal(ctx context.Context) error {
	f.note("everything is well again")
	f.network.well()
	for _, n := range f.nodes {
		for _, r := range n.relays() {
			r.Disarm()
			r.Refuse(false)
			r.Release()
			r.Bury()
		}
		n.thaw()
	}
	for _, n := range f.nodes {
		if n.ahead != 0 && n.alive() {
			n.kill()
		}
		if n.ahead = 0; !n.alive() {
			if err := n.begin(); err != nil {
				return err
			}
		}
	}
	for _, n := range f.nodes {
		if err := n.await(ctx, startLimit); err != nil {
			return err
		}
	}
	return nil
}

// settled waits until every payment has its outcome, no reversal is queued, and the network has no answer left to send. Its
// error names what is left.
func (f *field) settled(ctx context.Context, limit time.Duration) error {
	var left threeway.Unsettled
	began := time.Now()
	err := f.until(ctx, limit, "all is settled", func() (settled bool, err error) {
		left, err = threeway.CountUnsettled(ctx, f.books, time.Time{})
		return left.None() && f.network.Totals().Waiting == 0, err
	})
	if err == nil {
		f.note("all is settled after %.1f s", time.Since(began).Seconds())
		return nil
	}
	text := fmt.Sprintf("%d payments without an outcome, %d reversals queued, %d answers of the network to come", left.Pending, left.Queued,
		f.network.Totals().Waiting)
	payments, failed := threeway.Payments(ctx, f.books, time.Time{})
	for _, p := range payments {
		if p.Status == "PENDING" || p.Queued {
			text += fmt.Sprintf("\n      %s is %s (%s)%s", p.RRN, p.Status, p.Reason, f.history(payments, p.RRN))
		}
	}
	return errors.Join(fmt.Errorf("%w: %s", err, text), failed)
}

// verdict compares all that anyone was told with all that is recorded, once every fault has ended and all is settled.
func (f *field) verdict(ctx context.Context, cases bool) (found []string, err error) {
	if err := f.heal(ctx); err != nil {
		return []string{err.Error()}, ctx.Err()
	}
	f.running.Wait()
	if err := f.settled(ctx, f.Quiet); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		found = append(found, err.Error())
	}
	payments, err := threeway.Payments(ctx, f.books, time.Time{})
	if err != nil {
		return nil, err
	}
	for _, x := range threeway.Compare(payments, f.network.ledger(), f.told.All) {
		if x.Rule != threeway.RuleNoCase || !cases {
			found = append(found, x.Rule+": "+x.ID+": "+x.Detail+f.history(payments, x.ID))
		}
	}
	for told := range f.told.All {
		for _, w := range told.Words {
			if w.Code == "94" || w.Code == "96" || w.Code == "30" {
				found = append(found, fmt.Sprintf("told %s to %s, which is never right here: %s%s", w.Code, w.MTI, told.Request, f.history(payments, told.String())))
			}
		}
	}
	well, text, err := f.operate(ctx, f.address, "check", "--grace=1s", "--ascii")
	if err == nil && !well {
		found = append(found, "the invariants do not hold:\n"+text)
	}
	return found, err
}

// history is all that is known of a payment or request: what its terminal was told, and its records.
func (f *field) history(payments []threeway.Payment, id string) string {
	var text strings.Builder
	for _, p := range payments {
		if p.RRN == id {
			id = p.Request.String()
		}
	}
	for t := range f.told.All {
		if t.String() != id {
			continue
		}
		words := slices.SortedFunc(slices.Values(t.Words), func(a, b threeway.Word) int { return int(a.Sent - b.Sent) })
		for _, w := range words {
			code := w.Code
			if code == "" {
				code = "no answer"
			}
			fmt.Fprintf(&text, "\n      %7.3fs to %7.3fs  %s to node %s: %s", w.Sent.Seconds(), w.Heard.Seconds(), w.MTI, w.Node, code)
		}
	}
	for _, p := range payments {
		if p.Request.String() == id {
			fmt.Fprintf(&text, "\n      recorded: %s, %s (%s)", p.RRN, p.Status, strings.ReplaceAll(p.Reasons, " ", ", "))
		}
	}
	return text.String()
}

// story is what was done, line by line.
func (f *field) story() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var text strings.Builder
	for _, n := range f.notes {
		fmt.Fprintf(&text, "    %7.3fs  %s\n", n.at.Seconds(), n.text)
	}
	return text.String()
}
