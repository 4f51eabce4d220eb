package main

import (
	"context"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// ledgerCmd reads the books.
type ledgerCmd struct {
	TrialBalance trialBalanceCmd `cmd:"" help:"Turnover and balance of every account; both sides must be equal."`
	Statement    statementCmd    `cmd:"" help:"The entries of an account with the running balance."`
}

// period is a range of business days of a book.
type period struct {
	Book string `enum:"live,test" default:"live" help:"Which book: ${enum}."`
	From string `placeholder:"DAY" help:"First business day, 2026-11-21 or Jalali 1405/08/30; without it from the beginning."`
	To   string `placeholder:"DAY" help:"Last business day; without it to the end."`
}

func (p period) days() (book ledger.Book, from, to calendar.Date, err error) {
	if book, err = ledger.ParseBook(p.Book); err != nil {
		return
	}
	if from, err = parseDay(p.From); err != nil {
		return
	}
	to, err = parseDay(p.To)
	return
}

// trialBalanceCmd prints a trial balance.
type trialBalanceCmd struct{ period }

func (trialBalanceCmd) Help() string {
	return `House accounts are shown once for all agencies, clearing once for every business day.

Example:
  treasury-switch ledger trial-balance --from 1405/08/01 --to 1405/08/30`
}

// Run prints the trial balance. Books that do not balance are exit code 1.
func (c *trialBalanceCmd) Run(ctx context.Context, a *app) error {
	book, from, to, err := c.days()
	if err != nil {
		return err
	}
	return a.withDatabase(ctx, func(ctx context.Context, db node.Pool) error {
		t, err := ledger.TrialBalance(ctx, db, book, from, to)
		if err != nil {
			return err
		}
		if a.globals.JSON {
			if err := a.printJSON(t); err != nil {
				return err
			}
		} else {
			a.printTrialBalance(t)
		}
		if !t.Balanced() {
			return outcome(exitViolated)
		}
		return nil
	})
}

func (a *app) printTrialBalance(t ledger.TrialBalances) {
	g := grid{
		headings: []any{"account", "name", "debit", "credit", "balance debit", "balance credit"}, numbers: []int{3, 4, 5, 6},
		empty: "No journal has been booked in the " + t.Book.String() + " book.",
	}
	for _, r := range t.Rows {
		g.add(r.Account, r.Name, amount(r.Debit), amount(r.Credit), amount(r.BalanceDebit), amount(r.BalanceCredit))
	}
	g.footer = []any{"total", map[bool]string{true: "balanced", false: "NOT BALANCED"}[t.Balanced()],
		t.Total.Debit.Grouped(), t.Total.Credit.Grouped(), t.Total.BalanceDebit.Grouped(), t.Total.BalanceCredit.Grouped()}
	a.print(g)
}

// amount shows rial for people; nothing is shown for zero, so that the other side is easy to see.
func amount(r money.Rial) string {
	if r == 0 {
		return ""
	}
	return r.Grouped()
}

// statementCmd prints an account's entries.
type statementCmd struct {
	Account code `arg:"" help:"Account code, as R-101-140101-01, clearing-20261121 or clearing@101."`
	period
	Limit int    `default:"100" help:"Lines of a page, at most 1000."`
	After string `placeholder:"PLACE" help:"Where the page before ended; it is printed there."`
}

func (statementCmd) Help() string {
	return `Example:
  treasury-switch ledger statement R-101-140101-01 --from 1405/08/01
  treasury-switch ledger statement clearing-20261121 --json`
}

func (c *statementCmd) Run(ctx context.Context, a *app) error {
	book, from, to, err := c.days()
	if err != nil {
		return err
	}
	if c.Limit < 1 || c.Limit > ledger.MaxStatementLines {
		return fault.New(fault.Invalid, "--limit is 1 to %d lines, not %d", ledger.MaxStatementLines, c.Limit)
	}
	account, err := ledger.ParseReference(string(c.Account))
	if err != nil {
		return err
	}
	return present(ctx, a, func(ctx context.Context, db node.Pool) (ledger.AccountStatement, error) {
		return ledger.Statement(ctx, db, ledger.StatementQuery{Book: book, Account: account, From: from, To: to,
			Limit: c.Limit, After: c.After})
	}, a.printStatement)
}

func (a *app) printStatement(s ledger.AccountStatement) {
	a.say("%s  %s  (%s book; balances are %ss)", s.Account, s.Name, s.Book, s.Side)
	g := grid{headings: []any{"day", "journal", "counter account", "debit", "credit", "balance"}, numbers: []int{4, 5, 6}}
	g.add("", "opening balance", "", "", "", s.Opening.Grouped())
	for _, l := range s.Lines {
		journal := strings.ToLower(l.Journal)
		g.add(l.BusinessDay.String(), journal[:min(12, len(journal))], l.CounterCode, amount(l.Debit), amount(l.Credit), l.Balance.Grouped())
	}
	g.footer = []any{"", "closing balance", "", "", "", s.Closing.Grouped()}
	a.print(g)
	if s.Next != "" {
		a.say("More lines follow: --after %s", s.Next)
	}
}
