package threeway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/money"
)

// Querier reads the switch's tables: a pool or a connection.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Payment is a payment as the switch has recorded it.
type Payment struct {
	RRN string // F37, 12 digits
	Request
	Amount money.Rial
	Status string
	Reason string
	// Live is what the beneficiaries' accounts hold of it, in rial: the amount of an approved payment, zero of any other.
	Live money.Rial
	// Reasons are those of all its records, in their order, with spaces between.
	Reasons string
	// Queued is true while its reversal waits to be sent, Case if it has an open case.
	Queued, Case bool
}

// has reports whether one of its records has a reason.
func (p *Payment) has(reason string) bool { return slices.Contains(strings.Fields(p.Reasons), reason) }

// Request identifies a purchase between a terminal and the switch.
type Request struct {
	Terminal string // F41
	STAN     string // F11
	Local    string // F13 and F12, MMDDhhmmss
}

// String is the request for people.
func (r Request) String() string { return r.Terminal + "/" + r.STAN + "/" + r.Local }

// Payments reads every payment opened since a time.
func Payments(ctx context.Context, db Querier, since time.Time) ([]Payment, error) {
	rows, err := db.Query(ctx, `
		SELECT lpad(p.rrn::text, 12, '0'), p.terminal, p.stan, to_char(p.opened_on, 'MMDD') || p.local_time, p.amount,
		       coalesce(last.status, 'PENDING'), coalesce(last.reason, ''), coalesce(money.live, 0),
		       coalesce((SELECT string_agg(e.reason, ' ' ORDER BY e.version) FROM event e
		            WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id), ''),
		       EXISTS (SELECT 1 FROM saf s WHERE s.agency = p.agency AND s.opened_on = p.opened_on AND s.payment = p.id),
		       EXISTS (SELECT 1 FROM payment_case c WHERE c.agency = p.agency AND c.opened_on = p.opened_on AND c.payment = p.id)
		  FROM payment p
		  LEFT JOIN LATERAL (SELECT e.status, e.reason FROM event e
		       WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id
		       ORDER BY e.version DESC LIMIT 1) last ON true
		  LEFT JOIN (SELECT t.agency, t.journal, sum(CASE WHEN t.credit % 1000000 > 99 THEN t.amount ELSE 0 END
		                  - CASE WHEN t.debit % 1000000 > 99 THEN t.amount ELSE 0 END)::bigint AS live
		               FROM transfer t GROUP BY t.agency, t.journal) money
		    ON money.agency = p.agency AND money.journal = p.id
		 WHERE p.opened_at >= $1
		 ORDER BY p.rrn`, since)
	if err != nil {
		return nil, fmt.Errorf("read the payments: %w", err)
	}
	words := map[string]string{} // The reasons are few; one copy of each is enough for millions of payments.
	one := func(word string) string {
		if kept, known := words[word]; known {
			return kept
		}
		words[word] = word
		return word
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Payment, error) {
		var p Payment
		err := row.Scan(&p.RRN, &p.Terminal, &p.STAN, &p.Local, &p.Amount, &p.Status, &p.Reason, &p.Live, &p.Reasons, &p.Queued, &p.Case)
		p.Terminal, p.Status, p.Reason, p.Reasons = one(p.Terminal), one(p.Status), one(p.Reason), one(p.Reasons)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the payments: %w", err)
	}
	return all, nil
}

// Unsettled counts what is still under way.
type Unsettled struct {
	Pending int // payments without an outcome
	Queued  int // reversals the network has not answered yet
}

// None reports whether everything is settled.
func (u Unsettled) None() bool { return u == Unsettled{} }

// CountUnsettled counts, of the payments opened since a time.
func CountUnsettled(ctx context.Context, db Querier, since time.Time) (Unsettled, error) {
	rows, err := db.Query(ctx, `
		SELECT count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM event e
		            WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id)),
		       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM saf s
		            WHERE s.agency = p.agency AND s.opened_on = p.opened_on AND s.payment = p.id))
		  FROM payment p WHERE p.opened_at >= $1`, since)
	if err != nil {
		return Unsettled{}, fmt.Errorf("count what is unsettled: %w", err)
	}
	u, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Unsettled, error) {
		var u Unsettled
		return u, row.Scan(&u.Pending, &u.Queued)
	})
	if err != nil {
		return Unsettled{}, fmt.Errorf("count what is unsettled: %w", err)
	}
	return u, nil
}
