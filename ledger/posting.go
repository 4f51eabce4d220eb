package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// Posting is one transfer of a payment as a person reads it: with the codes of its accounts.
type Posting struct {
	Version     int16         `json:"version"`            // of the journal it belongs to
	Reverses    int16         `json:"reverses,omitempty"` // the version that is taken back; 0 if none
	BusinessDay calendar.Date `json:"business_day"`
	Debit       string        `json:"debit"`
	Credit      string        `json:"credit"`
	Amount      money.Rial    `json:"amount"`
}

// Postings reads the transfers of all journals of a payment, on the business days that its records name, in the order in
// which they were posted.
func Postings(ctx context.Context, q postgres.Querier, agency int32, payment [16]byte, days []calendar.Date) ([]Posting, error) {
	doing := fmt.Sprintf("read the transfers of payment %x of agency %d", payment, agency)
	rows, err := q.Query(ctx, `
		SELECT t.version, t.reverses, t.business_day, coalesce(d.code, t.debit::text), coalesce(c.code, t.credit::text), t.amount
		  FROM transfer t LEFT JOIN account d ON d.id = t.debit LEFT JOIN account c ON c.id = t.credit
		 WHERE t.agency = $1 AND t.journal = $2 AND t.business_day = ANY($3::date[])
		 ORDER BY t.version, t.line`, agency, payment, dateColumn(days))
	if err != nil {
		return nil, postgres.Failed(doing, err)
	}
	postings, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Posting, error) {
		var p Posting
		var day time.Time
		err := row.Scan(&p.Version, &p.Reverses, &day, &p.Debit, &p.Credit, &p.Amount)
		p.BusinessDay = calendar.FromDB(day)
		return p, err
	})
	return postings, postgres.Failed(doing, err)
}
