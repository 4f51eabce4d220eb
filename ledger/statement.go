package ledger

import (
	"context"
	"encoding/hex"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// MaxStatementLines bounds a page of a statement; defaultStatementLines is taken where the query names no limit.
const (
	defaultStatementLines = 100
	MaxStatementLines     = 1000
)

// StatementQuery asks for a page of an account's statement.
type StatementQuery struct {
	Book    Book
	Account Reference
	From    calendar.Date // first business day, zero = the beginning
	To      calendar.Date // last business day, zero = no end
	Limit   int           // lines of the page, 0 = defaultStatementLines
	After   string        // Next of the page before, empty = the first page
}

// Line is one entry of an account: one side of a transfer.
type Line struct {
	BusinessDay calendar.Date `json:"business_day"`
	Agency      int32         `json:"agency"`  // the payment's agency
	Journal     string        `json:"journal"` // the payment's id, in hex
	Version     int16         `json:"version"`
	Number      int16         `json:"line"`
	Reverses    int16         `json:"reverses,omitempty"` // the version that is undone
	Account     AccountID     `json:"account"`
	Counter     AccountID     `json:"counter"`
	CounterCode string        `json:"counter_code"` // empty where the counter account is not in the list of accounts
	Debit       money.Rial    `json:"debit"`
	Credit      money.Rial    `json:"credit"`
	Balance     money.Rial    `json:"balance"` // after this line, on the normal side
}

// AccountStatement is a page of an account's lines in the order of business day, agency, journal, version and line,
// with the running balance. Balances are given on the normal side of the account (Side): a negative one is on the other
// side.
type AccountStatement struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Book    Book       `json:"book"`
	Side    Side       `json:"side"`
	Opening money.Rial `json:"opening"` // before the first line of this page
	Lines   []Line     `json:"lines"`
	Closing money.Rial `json:"closing"` // after the last line of this page
	Next    string     `json:"next,omitempty"`
}

// Statement reads a page. All pages of a period add up: a page opens with the balance with which the one before closed.
// The balance before the period comes from the balances by day, so old lines are not read for it.
func Statement(ctx context.Context, q postgres.Querier, query StatementQuery) (AccountStatement, error) {
	from, err := query.start()
	if err != nil {
		return AccountStatement{}, err
	}
	s, err := resolve(ctx, q, query.Book, query.Account)
	if err != nil {
		return AccountStatement{}, err
	}
	st := AccountStatement{Account: query.Account.String(), Name: s.name, Book: query.Book, Side: s.kind.Normal(), Lines: []Line{}}
	if from.first {
		if st.Opening, err = openingBalance(ctx, q, s, query); err != nil {
			return AccountStatement{}, err
		}
	} else {
		st.Opening = from.balance
	}
	st.Closing = st.Opening
	if err := st.fill(ctx, q, s, query, from); err != nil {
		return AccountStatement{}, err
	}
	return st, nameCounters(ctx, q, st.Lines)
}

// fill reads lines from one (day, agency) with movements after the other until the page is full. Each of them has at
// least one line, so a page asks for no more of them than it has lines.
func (st *AccountStatement) fill(ctx context.Context, q postgres.Querier, s subject, query StatementQuery, from position) error {
	limit := query.limit()
	moved, err := movedOn(ctx, q, s, query, from, limit+1)
	if err != nil {
		return err
	}
	for _, at := range moved {
		lines, err := linesOf(ctx, q, s, at, from, limit+1-len(st.Lines))
		if err != nil {
			return err
		}
		for _, l := range lines {
			if len(st.Lines) == limit {
				st.Next = st.last().cursor(st.Closing)
				return nil
			}
			st.Closing += onSide(st.Side, l.Debit, l.Credit)
			l.Balance = st.Closing
			st.Lines = append(st.Lines, l)
		}
	}
	return nil
}

func (st *AccountStatement) last() Line { return st.Lines[len(st.Lines)-1] }

// onSide is a movement as seen from a side: positive if it adds to it.
func onSide(side Side, debit, credit money.Rial) money.Rial {
	if side == Debit {
		return debit - credit
	}
	return credit - debit
}

func (query StatementQuery) limit() int {
	switch {
	case query.Limit <= 0:
		return defaultStatementLines
	case query.Limit > MaxStatementLines:
		return MaxStatementLines
	}
	return query.Limit
}

// start is where the page begins: at the period's first line, or behind the last line of the page before.
func (query StatementQuery) start() (position, error) {
	if !query.Book.Valid() {
		return position{}, invalid("statement of %s: %s does not exist", query.Account, query.Book)
	}
	if query.After == "" {
		return position{first: true}, nil
	}
	return parsePosition(query.After)
}

func (l Line) cursor(balance money.Rial) string {
	p := position{day: l.BusinessDay, agency: l.Agency, version: l.Version, line: l.Number, account: l.Account, balance: balance}
	_, _ = hex.Decode(p.journal[:], []byte(l.Journal)) // Written by linesOf from 16 bytes.
	return p.String()
}
