package cases

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// State is what a case waits for.
type State string

const (
	// Open waits for a proposal: there is none, it was rejected, or the payment has moved on since.
	Open State = "open"
	// Proposed waits for a second person.
	Proposed State = "proposed"
	// Accepted was accepted and is not carried out yet: the same checker decides again, or there is a new proposal.
	Accepted State = "accepted"
	// Answered waits for nothing.
	Answered State = "answered"
)

// Item is one case in a list: the payment, the reason, and how far the two persons are.
type Item struct {
	Tracking payment.Tracking `json:"tracking"`
	Agency   int32            `json:"agency"`
	Book     ledger.Book      `json:"book"`
	Version  int16            `json:"version"` // of the record that opened it
	Reason   payment.Reason   `json:"reason"`
	Owner    string           `json:"owner"`
	OpenedAt time.Time        `json:"opened_at"`
	Status   payment.Status   `json:"status"` // of the payment now
	Amount   money.Rial       `json:"amount"`
	State    State            `json:"state"`
	Outcome  End              `json:"outcome,omitempty"` // the proposed end
	Maker    string           `json:"maker,omitempty"`   // who proposed it
	id       [16]byte
}

// allCases selects all cases c.
const allCases = `payment_case c WHERE true`

// selectCases reads cases with their payments.
func selectCases(which, where, order string) string {
	return `
	SELECT p.rrn, p.opened_at, c.agency, c.book, c.payment, c.version, c.reason, c.owner, c.opened_at, now_is.status, p.amount,
	       CASE WHEN ` + payment.AnsweredCase + ` THEN 'answered'
	            WHEN said.version IS DISTINCT FROM now_is.version OR said.verdict = 'rejected' THEN 'open'
	            WHEN said.verdict IS NULL THEN 'proposed' ELSE 'accepted' END,
	       coalesce(said.outcome, ''), coalesce(said.maker, '')
	  FROM (SELECT c.* FROM ` + which + where + order + `) c
	 CROSS JOIN LATERAL (SELECT rrn, opened_at, amount FROM payment
	       WHERE agency = c.agency AND opened_on = c.opened_on AND id = c.payment LIMIT 1) p
	 CROSS JOIN LATERAL (SELECT e.status, e.version FROM event e
	       WHERE e.agency = c.agency AND e.opened_on = c.opened_on AND e.payment = c.payment
	       ORDER BY e.version DESC LIMIT 1) now_is
	  LEFT JOIN LATERAL (SELECT q.version, q.outcome, q.maker, d.verdict
	        FROM case_proposal q LEFT JOIN case_decision d USING (agency, opened_on, payment, version, round)
	       WHERE q.agency = c.agency AND q.opened_on = c.opened_on AND q.payment = c.payment AND q.case_version >= c.version
	       ORDER BY q.version DESC, q.round DESC LIMIT 1) said ON true
	 ORDER BY c.opened_at, c.agency, c.payment, c.version`
}

// List reads a page of the open cases, the oldest first; with all, of every case ever.
func List(ctx context.Context, db postgres.Querier, all bool, p page.Request) (page.Listing[Item], error) {
	after, err := parsePlace(p.After)
	if err != nil {
		return page.Listing[Item]{}, err
	}
	which := payment.OpenCasesOnly
	if all {
		which = allCases
	}
	items, err := collect(ctx, db, selectCases(which,
		` AND ($1::timestamptz IS NULL OR (c.opened_at, c.agency, c.payment, c.version) > ($1, $2, $3, $4))`,
		` ORDER BY c.opened_at, c.agency, c.payment, c.version LIMIT $5`),
		after.at, after.agency, after.id, after.version, p.Size()+1)
	if err != nil {
		return page.Listing[Item]{}, fmt.Errorf("list cases: %w", err)
	}
	return page.Cut(items, p, func(i Item) string { return i.place() }), nil
}

// casesOf reads every case of a payment, the answered ones too.
func casesOf(ctx context.Context, db postgres.Querier, k payment.Key) ([]Item, error) {
	return collect(ctx, db, selectCases(allCases, ` AND c.agency = $1 AND c.opened_on = $2 AND c.payment = $3`, ``),
		k.Agency, k.OpenedOn.Time(), k.ID)
}

func collect(ctx context.Context, db postgres.Querier, sql string, args ...any) ([]Item, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	items, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Item, error) {
		var i Item
		var rrn payment.RRN
		var opened time.Time
		err := row.Scan(&rrn, &opened, &i.Agency, &i.Book, &i.id, &i.Version, &i.Reason, &i.Owner, &i.OpenedAt, &i.Status,
			&i.Amount, &i.State, &i.Outcome, &i.Maker)
		i.Tracking = payment.TrackingOf(i.Book, opened, rrn)
		return i, err
	})
	if items == nil {
		items = []Item{}
	}
	return items, err
}

// place is where a page ends: the time, agency, payment and version by which the list is ordered.
type place struct {
	at      *time.Time // nil: before the first
	agency  int32
	id      [16]byte
	version int16
}

func (i *Item) place() string {
	return fmt.Sprintf("%d.%d.%x.%d", i.OpenedAt.UnixMicro(), i.Agency, i.id, i.Version)
}

func parsePlace(s string) (place, error) {
	var p place
	if s == "" {
		return p, nil
	}
	parts := strings.Split(s, ".")
	if len(parts) == 4 {
		micros, err1 := strconv.ParseInt(parts[0], 10, 64)
		agency, err2 := strconv.ParseInt(parts[1], 10, 32)
		id, err3 := hex.DecodeString(parts[2])
		version, err4 := strconv.ParseInt(parts[3], 10, 16)
		if err1 == nil && err2 == nil && err3 == nil && err4 == nil && len(id) == len(p.id) {
			at := time.UnixMicro(micros)
			return place{at: &at, agency: int32(agency), id: [16]byte(id), version: int16(version)}, nil
		}
	}
	return p, fault.New(fault.Invalid, "%q is not where a page of cases ended", s)
}
