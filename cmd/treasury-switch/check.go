package main

import (
	"context"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// checkCmd holds the invariants over everything that is recorded.
type checkCmd struct {
	Grace time.Duration `default:"2m" help:"How long after its deadline a payment may be without an outcome, while a node may still be about to decide it."`
}

func (checkCmd) Help() string {
	return `The invariants: I1 journals and the trial balance balance. I2 an approval has exactly one live journal of its amount.
I3 a debit of the network is posted, being reversed, reversed, or a case. I4 one live approval for one request.
I5 payments change as the table of states allows. I6 no queued reversal vanishes. I7 nobody is told 'approved' after a
reversal was queued. It reads one snapshot and may run beside traffic. Exit code 1: one of them does not hold.

Example:
  treasury-switch check
  treasury-switch check --json | jq '.violations[].id'`
}

// checked is what check prints for programs.
type checked struct {
	Holds      bool                `json:"holds"`
	Violations []payment.Violation `json:"violations"`
}

// invariantNames are the invariants in their order, with what they say.
var invariantNames = [][2]string{
	{"I1", "every journal balances and the trial balance is zero"},
	{"I2", "an approval has exactly one live journal of its amount"},
	{"I3", "a debit of the network is posted, being reversed, reversed, or a case"},
	{"I4", "one request has at most one live approval"},
	{"I5", "payments change only as the table of states allows"},
	{"I6", "no queued reversal vanishes"},
	{"I7", "nobody is told 'approved' after a reversal was queued"},
}

// Run checks, prints, and says by its exit code whether all holds.
func (c *checkCmd) Run(ctx context.Context, a *app) error {
	return a.withDatabase(ctx, func(ctx context.Context, db node.Pool) error {
		progress := a.progress("checking the invariants", 2)
		found, err := violations(ctx, db, c.Grace, progress.step)
		progress.done()
		if err != nil {
			return err
		}
		if a.globals.JSON {
			if err := a.printJSON(checked{Holds: len(found) == 0, Violations: found}); err != nil {
				return err
			}
		} else {
			a.printViolations(found)
		}
		if len(found) > 0 {
			return outcome(exitViolated)
		}
		return nil
	})
}

// violations are those of the books (I1) and of the payments (I2 to I7).
func violations(ctx context.Context, db node.Pool, grace time.Duration, step func()) ([]payment.Violation, error) {
	found := []payment.Violation{}
	books, err := ledger.Violations(ctx, db)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "check the books: %w", err)
	}
	step()
	for _, v := range books {
		found = append(found, payment.Violation{Invariant: "I1", Rule: v.Rule, ID: v.ID, Detail: v.Detail})
	}
	payments, err := payment.CheckPayments(ctx, db, grace)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "check the payments: %w", err)
	}
	step()
	return append(found, payments...), nil
}

func (a *app) printViolations(found []payment.Violation) {
	count := map[string]int{}
	for _, v := range found {
		count[v.Invariant]++
	}
	g := grid{headings: []any{"invariant", "says", "result"}}
	for _, i := range invariantNames {
		result := "holds"
		if n := count[i[0]]; n > 0 {
			result = "VIOLATED"
		}
		g.add(i[0], i[1], result)
	}
	a.print(g)
	if len(found) == 0 {
		a.say("All invariants hold.")
		return
	}
	details := grid{headings: []any{"invariant", "rule", "id", "detail"}}
	for _, v := range found {
		details.add(v.Invariant, v.Rule, v.ID, v.Detail)
	}
	a.print(details)
}
