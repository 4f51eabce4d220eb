package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

func TestErrorsOfStatementsHaveTheirKind(t *testing.T) {
	said := func(state string) error { return &pgconn.PgError{Code: state} }
	for err, want := range map[error]fault.Kind{
		nil: fault.None, pgx.ErrNoRows: fault.NotFound, pgx.ErrTxClosed: fault.Unavailable,
		said(postgres.UniqueViolation): fault.Conflict, said(postgres.Overlap): fault.Conflict,
		said(postgres.CheckViolation): fault.Invalid, said("23503"): fault.Invalid, said("23502"): fault.Invalid,
		said(postgres.SerialFailure): fault.Unavailable, said(postgres.DivisionByZero): fault.Unavailable,
	} {
		if got := fault.KindOf(postgres.Failed("do it", err)); got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
	}
}
