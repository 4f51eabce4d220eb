package ledger

import (
	"context"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// AccountBalance is an account's balance at the end of a business day.
type AccountBalance struct {
	Account string        `json:"account"`
	Book    Book          `json:"book"`
	Day     calendar.Date `json:"day"`
	Debit   money.Rial    `json:"debit"`   // turnover up to and with the day
	Credit  money.Rial    `json:"credit"`  // turnover up to and with the day
	Balance money.Rial    `json:"balance"` // on the normal side; negative: on the other
	Side    Side          `json:"side"`
}

// BalanceAt reads a balance at the end of a business day: the time of the books is the network's day, not the clock. Of
// a clearing account of one day it is the balance of that day's lines, and zero before. fault.NotFound: no such account.
func BalanceAt(ctx context.Context, q postgres.Querier, book Book, account Reference, day calendar.Date) (AccountBalance, error) {
	s, err := resolve(ctx, q, book, account)
	if err != nil {
		return AccountBalance{}, err
	}
	b := AccountBalance{Account: account.String(), Book: book, Day: day, Side: s.kind.Normal()}
	from := calendar.On(1, 1, 1)
	if !account.Day.IsZero() {
		from, day = account.Day, min(day, account.Day)
	}
	t, err := turnoverOf(ctx, q, s, from, day)
	b.Debit, b.Credit, b.Balance = t.debit, t.credit, onSide(b.Side, t.debit, t.credit)
	return b, err
}
