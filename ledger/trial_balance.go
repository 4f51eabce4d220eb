package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// maxTrialBalanceRows bounds a trial balance; a longer one is refused, never cut, since half of it would not balance.
const maxTrialBalanceRows = 100_000

// TrialBalanceRow is one account of a trial balance, with the turnover of both sides and the balance on its
// side.
type TrialBalanceRow struct {
	Account       string     `json:"account"`
	Kind          Kind       `json:"kind"`
	Name          string     `json:"name"`
	Debit         money.Rial `json:"debit"`
	Credit        money.Rial `json:"credit"`
	BalanceDebit  money.Rial `json:"balance_debit"`
	BalanceCredit money.Rial `json:"balance_credit"`
}

// TrialBalances is the trial balance of a book over a range of business days. House accounts are shown once for all agencies,
// clearing once for every business day. The two sides of Total are equal, or the books are wrong.
type TrialBalances struct {
	Book  Book              `json:"book"`
	From  calendar.Date     `json:"from,omitzero"`
	To    calendar.Date     `json:"to,omitzero"`
	Rows  []TrialBalanceRow `json:"rows"`
	Total TrialBalanceRow   `json:"total"`
}

// Balanced reports whether debits equal credits, of turnovers and of balances.
func (t TrialBalances) Balanced() bool {
	return t.Total.Debit == t.Total.Credit && t.Total.BalanceDebit == t.Total.BalanceCredit
}

// TrialBalance adds up a book from one business day to another, both included; a zero day means no bound. Accounts
// without movement are left out. It is one statement, so it balances also while payments are being recorded.
func TrialBalance(ctx context.Context, q postgres.Querier, book Book, from, to calendar.Date) (TrialBalances, error) {
	t := TrialBalances{Book: book, From: from, To: to, Rows: []TrialBalanceRow{}}
	if !book.Valid() {
		return t, invalid("trial balance: %s does not exist", book)
	}
	first, last := StatementQuery{From: from, To: to}.period()
	rows, err := q.Query(ctx, `
		SELECT coalesce(split_part(a.code, '@', 1), 'unknown ' || b.account), coalesce(a.kind, ''), coalesce(min(a.name), ''),
		       CASE a.kind WHEN 'clearing' THEN b.business_day END,
		       sum(b.debit)::bigint, sum(b.credit)::bigint
		  FROM balance b LEFT JOIN account a ON a.id = b.account
		 WHERE b.account / 1000000 % 10 = $1 AND b.business_day BETWEEN $2 AND $3
		 GROUP BY 1, 2, 4 LIMIT $4`, book, first, last, maxTrialBalanceRows+1)
	if err != nil {
		return t, postgres.Failed("read the trial balance", err)
	}
	t.Rows, err = pgx.AppendRows(t.Rows, rows, scanTrialBalanceRow)
	if err != nil {
		return t, postgres.Failed("read the trial balance", err)
	}
	if len(t.Rows) > maxTrialBalanceRows {
		return t, fault.New(fault.Invalid, "the trial balance has more than %d rows: ask for fewer days", maxTrialBalanceRows)
	}
	slices.SortFunc(t.Rows, compareTrialBalanceRows)
	return t, t.addUp()
}

func scanTrialBalanceRow(row pgx.CollectableRow) (TrialBalanceRow, error) {
	var r TrialBalanceRow
	var day *time.Time
	if err := row.Scan(&r.Account, &r.Kind, &r.Name, &day, &r.Debit, &r.Credit); err != nil {
		return r, err
	}
	if day != nil {
		r.Account = Reference{Code: r.Account, Day: calendar.FromDB(*day)}.String()
	}
	if net := r.Debit - r.Credit; net > 0 {
		r.BalanceDebit = net
	} else {
		r.BalanceCredit = -net
	}
	return r, nil
}

// compareTrialBalanceRows puts house accounts in the order of the chart, then the agencies' accounts by code.
func compareTrialBalanceRows(a, b TrialBalanceRow) int {
	place := func(k Kind) int {
		if i := slices.Index(houseKinds[:], k); i >= 0 {
			return i
		}
		return len(houseKinds)
	}
	return cmp.Or(cmp.Compare(place(a.Kind), place(b.Kind)), cmp.Compare(a.Account, b.Account))
}

// addUp fills in the totals; they are checked, because they are the only amounts that grow with the number of accounts.
func (t *TrialBalances) addUp() error {
	t.Total.Account = "total"
	for _, r := range t.Rows {
		for _, s := range []struct {
			total *money.Rial
			add   money.Rial
		}{
			{&t.Total.Debit, r.Debit}, {&t.Total.Credit, r.Credit},
			{&t.Total.BalanceDebit, r.BalanceDebit}, {&t.Total.BalanceCredit, r.BalanceCredit},
		} {
			sum, err := s.total.Add(s.add)
			if err != nil {
				return fmt.Errorf("add up the trial balance: %w", err)
			}
			*s.total = sum
		}
	}
	return nil
}
