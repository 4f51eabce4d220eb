package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/stage"
	"treasury-switch/internal/threeway"
	"treasury-switch/money"
)

// settleLimit bounds the wait until every reversal is through.
const settleLimit = 60 * time.Second

// print shows the answers that the terminals of the load got.
func (c *crowd) print() {
	g := grid{title: "The load: what its terminals were told in the end", headings: []any{"told (F39)", "purchases"}, numbers: []int{2}}
	for _, code := range slices.Sorted(maps.Keys(c.sum.codes)) {
		g.add(told(code), c.sum.codes[code])
	}
	g.print()
	say("%d repeats (0201) and %d reversals (0420) were sent; %d repeats were answered otherwise than before", c.sum.repeats, c.sum.reversals, c.sum.changed)
}

// judge waits until everything is settled, shows what became of it, and reports whether all records agree.
func (t *tour) judge(ctx context.Context, told *threeway.Book) (bool, error) {
	pool, err := t.Database.Pool(ctx, postgres.Options{Name: "demo", MaxConns: 2})
	if err != nil {
		return false, err
	}
	defer pool.Close()
	if err := t.settle(ctx, pool); err != nil {
		return false, err
	}
	theirs, err := stage.ReadLedger(ctx, t.control(), t.since)
	if err != nil {
		return false, err
	}
	ours, err := threeway.Payments(ctx, pool, t.since)
	if err != nil {
		return false, err
	}
	outcomes(ours)
	debits(theirs)
	fmt.Printf("\nThe trial balance of the switch's ledger\n")
	balanced, err := t.Operate(ctx, os.Stdout, "ledger", "trial-balance")
	if err != nil {
		return false, err
	}
	fmt.Printf("\nThe invariants of the switch's own records\n")
	sound, err := t.Operate(ctx, os.Stdout, "check")
	if err != nil {
		return false, err
	}
	findings := threeway.Compare(ours, theirs.Debits, told.All)
	agreement(findings, told.Len())
	return balanced && sound && len(findings) == 0, nil
}

// settle waits until no payment is without an outcome, no reversal is queued, and the network has no answer left to send.
func (t *tour) settle(ctx context.Context, db threeway.Querier) error {
	began := time.Now()
	err := stage.Settle(ctx, db, t.control(), t.since, settleLimit, func(left stage.Unsettled) {
		say("recovery      %d payments without an outcome, %d reversals queued, %d late answers to come", left.Pending, left.Queued, left.Waiting)
	})
	if err == nil {
		say("\nrecovery      everything is settled after %s", time.Since(began).Round(100*time.Millisecond))
	}
	return err
}

// outcomes shows the outcomes of the payments.
func outcomes(ours []threeway.Payment) {
	type end struct{ status, reason string }
	count, amount := map[end]int{}, map[end]money.Rial{}
	for _, p := range ours {
		e := end{p.Status, p.Reason}
		count[e]++
		amount[e] += p.Amount
	}
	g := grid{title: "What became of the payments of this run", headings: []any{"status", "reason", "payments", "rial"}, numbers: []int{3, 4}}
	for _, e := range slices.SortedFunc(maps.Keys(count), func(a, b end) int {
		return cmp.Or(cmp.Compare(a.status, b.status), cmp.Compare(a.reason, b.reason))
	}) {
		g.add(e.status, e.reason, count[e], amount[e].Grouped())
	}
	g.print()
}

// debits shows the network's side.
func debits(theirs stage.Ledger) {
	g := grid{title: "What the card network has in its own ledger", headings: []any{"", "number", "rial"}, numbers: []int{2, 3}}
	g.add("debits not reversed", theirs.Totals.Debited, theirs.Totals.DebitedAmount.Grouped())
	g.add("debits taken back", theirs.Totals.Reversed, theirs.Totals.ReversedAmount.Grouped())
	g.add("declined", theirs.Totals.Declined, "")
	g.add("reversals that found nothing to take back", theirs.Totals.NotFound, "")
	g.print()
}

// agreement shows the comparison of the three records.
func agreement(findings []threeway.Finding, told int) {
	count := map[string]int{}
	for _, f := range findings {
		count[f.Rule]++
	}
	g := grid{title: fmt.Sprintf("Switch, card network and terminals (%d purchases) compared", told), headings: []any{"rule", "result"}}
	for _, rule := range threeway.Rules {
		g.add(rule, verdict(count[rule] == 0))
	}
	g.print()
	for _, f := range findings[:min(len(findings), 20)] {
		say("  %s: %s: %s", f.Rule, f.ID, f.Detail)
	}
}
