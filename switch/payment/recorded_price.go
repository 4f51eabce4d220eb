package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// Snapshots is a pool or a connection that can begin a transaction on one snapshot.
type Snapshots interface {
	BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
}

// PriceQuery selects payments for their prices: those of a book, by the local day of their request, both days
// included.
type PriceQuery struct {
	Book     ledger.Book
	From, To calendar.Date
	// Batch is how many payments are read at once, DefaultPriceBatch if zero.
	Batch int
}

// DefaultPriceBatch is how many payments RecordedPrices reads at once.
const DefaultPriceBatch = 2000

// RecordedPrice is what an approved payment cost, and why.
type RecordedPrice struct {
	Key
	Amount   money.Rial
	OpenedAt time.Time // of receipt; its day in Tehran is the day of payment
	Price    Price
}

// RecordedPrices reads the prices of the payments that are approved by their last record, in the order of their keys,
// and passes them on in batches, with how many payments have been read so far and how many of any status there are.
// All is read from one snapshot, without holding up traffic. It stops at the first error of each and returns it; its
// own are fault.Invalid for days in the wrong order and fault.Unavailable.
func RecordedPrices(ctx context.Context, db Snapshots, q PriceQuery, each func(batch []RecordedPrice, read, all int64) error) error {
	if q.From.IsZero() || q.To < q.From {
		return fault.New(fault.Invalid, "read recorded prices: no days from %s to %s", q.From, q.To)
	}
	if q.Batch < 1 {
		q.Batch = DefaultPriceBatch
	}
	tx, err := db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fault.New(fault.Unavailable, "read recorded prices: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // nothing was written
	var all int64
	err = tx.QueryRow(ctx, `SELECT count(*) FROM payment WHERE book = $1 AND opened_on BETWEEN $2 AND $3`,
		q.Book, q.From.Time(), q.To.Time()).Scan(&all)
	if err != nil {
		return fault.New(fault.Unavailable, "count the payments from %s to %s: %w", q.From, q.To, err)
	}
	var after Key
	for read := int64(0); ; {
		rows, err := priceBatch(ctx, tx, q, after)
		if err != nil {
			return fault.New(fault.Unavailable, "read recorded prices after payment %x of agency %d: %w", after.ID, after.Agency, err)
		}
		read += int64(len(rows))
		approved, err := approvedPrices(rows)
		if err != nil {
			return err
		}
		if err := each(approved, read, all); err != nil {
			return err
		}
		if len(rows) < q.Batch {
			return nil
		}
		after = rows[len(rows)-1].Key
	}
}

// pricedRow is a payment of a batch with its last status, empty if it has none yet, and its price as stored.
type pricedRow struct {
	RecordedPrice
	status Status
	price  string
}

// priceBatch reads the payments that follow a key. It reads all statuses, so that a batch is bounded by what it reads
// and not only by what it finds.
func priceBatch(ctx context.Context, tx pgx.Tx, q PriceQuery, after Key) ([]pricedRow, error) {
	rows, err := tx.Query(ctx, `
		SELECT p.agency, p.opened_on, p.id, p.amount, p.opened_at, p.price,
		       coalesce((SELECT e.status FROM event e
		                  WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id
		                  ORDER BY e.version DESC LIMIT 1), '')
		  FROM payment p
		 WHERE p.book = $1 AND p.opened_on BETWEEN $2 AND $3 AND (p.agency, p.opened_on, p.id) > ($4, $5, $6)
		 ORDER BY p.agency, p.opened_on, p.id LIMIT $7`,
		q.Book, q.From.Time(), q.To.Time(), after.Agency, after.OpenedOn.Time(), after.ID, q.Batch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (pricedRow, error) {
		var r pricedRow
		var openedOn time.Time
		err := row.Scan(&r.Agency, &openedOn, &r.ID, &r.Amount, &r.OpenedAt, &r.price, &r.status)
		r.OpenedOn = calendar.FromDB(openedOn)
		return r, err
	})
}

// approvedPrices are those of a batch, with their prices decoded.
func approvedPrices(rows []pricedRow) ([]RecordedPrice, error) {
	approved := make([]RecordedPrice, 0, len(rows))
	for _, r := range rows {
		if r.status != Approved {
			continue
		}
		if err := json.Unmarshal([]byte(r.price), &r.Price); err != nil {
			return nil, fmt.Errorf("read the price of payment %x of agency %d: %w", r.ID, r.Agency, err)
		}
		approved = append(approved, r.RecordedPrice)
	}
	return approved, nil
}
