package payment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// Columns are the columns of table payment, in the order that [ScanIntent] expects.
const Columns = `agency, opened_on, id, rrn, amount, opened_at, send_before, deadline, fingerprint, pan_token,
	key_day, book, feed, channel, acquirer, acceptor, terminal, stan, local_time, processing, reference, price,
	pan_first6, pan_last4, sealed_pan`

// Load reads a payment and folds its records; fault.NotFound if there is none.
func Load(ctx context.Context, db postgres.Querier, k Key) (Payment, error) {
	found, err := load(ctx, db, `agency = $1 AND opened_on = $2 AND id = $3`, k.Agency, k.OpenedOn.Time(), k.ID)
	if err != nil {
		return Payment{}, fmt.Errorf("load payment %x of agency %d: %w", k.ID, k.Agency, err)
	}
	return found, nil
}

// LoadByRRN reads the payment of an agency by its retrieval reference number.
func LoadByRRN(ctx context.Context, db postgres.Querier, agency int32, rrn RRN) (Payment, error) {
	found, err := load(ctx, db, `agency = $1 AND rrn = $2`, agency, int64(rrn))
	if err != nil {
		return Payment{}, fmt.Errorf("load the payment with RRN %s of agency %d: %w", rrn, agency, err)
	}
	return found, nil
}

// LoadByTracking reads the payment with a tracking code.
func LoadByTracking(ctx context.Context, db postgres.Querier, code string, now time.Time) (Payment, error) {
	tracking, day, serial, err := ParseTracking(code, now)
	if err != nil {
		return Payment{}, err
	}
	rrn, find := NewRRN(day, serial), AgencyOfSerial
	if tracking.tombstone() {
		rrn, find = rrn+tombstoneDays*SerialsPerDay, agencyOfTombstone
	}
	agency, err := find(ctx, db, day, serial)
	if err != nil {
		return Payment{}, err
	}
	p, err := LoadByRRN(ctx, db, agency, rrn)
	if err == nil && p.Tracking() != tracking {
		err = fault.New(fault.NotFound, "no payment has tracking code %s", tracking)
	}
	return p, err
}

func load(ctx context.Context, db postgres.Querier, where string, args ...any) (Payment, error) {
	rows, err := db.Query(ctx, `SELECT `+Columns+` FROM payment WHERE `+where+` LIMIT 1`, args...)
	if err != nil {
		return Payment{}, err
	}
	intent, err := pgx.CollectExactlyOneRow(rows, ScanIntent)
	if errors.Is(err, pgx.ErrNoRows) {
		return Payment{}, fault.New(fault.NotFound, "there is no such payment")
	}
	if err != nil {
		return Payment{}, err
	}
	records, err := History(ctx, db, intent.Key)
	if err != nil {
		return Payment{}, err
	}
	return Fold(intent, records), nil
}

// Fold returns the payment after its records, in their order.
func Fold(i *Intent, records []Record) Payment {
	p := Payment{Intent: i, Status: Pending}
	for _, r := range records {
		p = p.After(r)
	}
	return p
}

// ScanIntent reads the intent from a row that has [Columns].
func ScanIntent(row pgx.CollectableRow) (*Intent, error) {
	i := &Intent{}
	var openedOn time.Time
	var keyDay, sendBefore *time.Time
	var token *[16]byte
	var price string
	err := row.Scan(&i.Agency, &openedOn, &i.ID, &i.RRN, &i.Amount, &i.OpenedAt, &sendBefore, &i.Deadline, &i.Fingerprint,
		&token, &keyDay, &i.Book, &i.Feed, &i.Channel, &i.Acquirer, &i.Acceptor, &i.Terminal, &i.STAN, &i.LocalTime,
		&i.Processing, &i.Reference, &price, &i.First6, &i.Last4, &i.Sealed)
	if err != nil {
		return nil, err
	}
	i.OpenedOn = calendar.FromDB(openedOn)
	i.LocalDate = i.OpenedOn
	if keyDay != nil {
		i.KeyDay = calendar.FromDB(*keyDay)
	}
	if sendBefore != nil {
		i.SendBefore = *sendBefore
	}
	if token != nil {
		i.Token = *token
	}
	if err := json.Unmarshal([]byte(price), &i.Price); err != nil {
		return nil, fmt.Errorf("read the price of the payment: %w", err)
	}
	return i, nil
}

// History reads the records of a payment in their order.
func History(ctx context.Context, db postgres.Querier, k Key) ([]Record, error) {
	rows, err := db.Query(ctx, `
		SELECT version, was, status, reason, actor, network, told, approval, business_day, held, plan_id, at
		  FROM event WHERE agency = $1 AND opened_on = $2 AND payment = $3 ORDER BY version`,
		k.Agency, k.OpenedOn.Time(), k.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRecord)
}

func scanRecord(row pgx.CollectableRow) (Record, error) {
	var r Record
	var day *time.Time
	var held *int64
	err := row.Scan(&r.Version, &r.Was, &r.Status, &r.Reason, &r.Actor, &r.Network, &r.Told, &r.Approval, &day, &held,
		&r.PlanID, &r.At)
	if day != nil {
		r.BusinessDay = calendar.FromDB(*day)
	}
	if held != nil {
		r.Held = money.Rial(*held)
	}
	return r, err
}
