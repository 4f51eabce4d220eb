package switching

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/switch/payment"
)

// The database and the program have the same table of states: a record is refused by the one exactly where it is by the other.
func TestTheSchemaHasTheTableOfStates(t *testing.T) {
	r := newRig(t)
	there := r.intentOnly(r.purchase())
	all := []payment.Status{payment.None, payment.Pending, payment.Approved, payment.Declined, payment.Reversing, payment.Reversed, payment.Case}
	for _, was := range all {
		for _, is := range all {
			err := pgx.BeginFunc(t.Context(), r.owner, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `
					INSERT INTO event (agency, opened_on, payment, version, business_day, plan_id, at, was, status, reason, actor, network, told, approval)
					VALUES ($1, $2, $3, 1, $2, 0, now(), $4, $5, '', '', '', '', '')`,
					there.Agency, there.OpenedOn.Time(), there.ID, string(was), string(is))
				return errors.Join(err, tx.Rollback(t.Context()))
			})
			var refused *pgconn.PgError
			// A pending payment has no record yet.
			if accepted := !errors.As(err, &refused); accepted != (payment.Allowed(was, is) && is != payment.Pending) {
				t.Errorf("%q to %q: the database takes it: %v, the program: %v", was, is, accepted, payment.Allowed(was, is))
			}
		}
	}
}
