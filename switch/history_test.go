package switching

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/payment"
)

// However many cases there were, what is heard for every minute, and the list that people look at, read the open ones.
func TestOpenCasesAreFoundAmongAnyNumber(t *testing.T) {
	t.Parallel()
	runtime, _ := shortPast.lived(t)
	open, oldest, err := NewStore(runtime).openCases(t.Context())
	if err != nil || open != shortPast.open || oldest.IsZero() {
		t.Fatalf("%d cases open since %v, %v", open, oldest, err)
	}
	list, err := cases.List(t.Context(), runtime, false, page.Request{})
	if err != nil || len(list.Items) != open {
		t.Fatalf("%d cases listed, %v", len(list.Items), err)
	}
	wantReads(t, runtime, 2*open, `SELECT count(*), min(c.opened_at) FROM `+payment.OpenCasesOnly)
	wantReads(t, runtime, 2*open, `DELETE FROM open_case c WHERE `+payment.AnsweredCase)
	heard := &overheard{Querier: runtime}
	if _, err := cases.List(t.Context(), heard, false, page.Request{}); err != nil {
		t.Fatal(err)
	}
	wantReads(t, runtime, 5*open, heard.sql, heard.args...)
}

// overheard remembers the last query.
type overheard struct {
	postgres.Querier
	sql  string
	args []any
}

func (a *overheard) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	a.sql, a.args = sql, args
	return a.Querier.Query(ctx, sql, args...)
}
