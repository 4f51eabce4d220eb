package switching

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// hurried is a database in which a search of more than a limit takes too long.
type hurried struct {
	postgres.Querier
	limit    time.Duration
	searches int
	canceled int
}

func (h *hurried) Query(ctx context.Context, sql string, parameters ...any) (pgx.Rows, error) {
	if strings.Contains(sql, "payments_without_outcome") {
		h.searches++
		if parameters[1].(time.Time).Sub(parameters[0].(time.Time)) > h.limit {
			h.canceled++
			return nil, &pgconn.PgError{Code: postgres.QueryCanceled}
		}
	}
	return h.Querier.Query(ctx, sql, parameters...)
}

// A search goes through a long time in stretches that the database has time for, and finds what is there. So a node starts after a busy
// day, whatever a statement may take.
func TestSearchGoesStretchByStretch(t *testing.T) {
	r := newRig(t)
	r.clock.Advance(-10 * time.Minute) // The mark follows the database's clock, and the test's goes on from here.
	first, second := r.purchase(), r.purchase()
	r.intentOnly(first)
	r.must(r.SweepOnce(t.Context(), 0)) // Nothing is due; the mark is before both.
	r.clock.Advance(90 * time.Second)
	r.intentOnly(second)
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	h := &hurried{Querier: r.db, limit: 4 * time.Second}
	r.Store = NewStore(h)
	r.must(r.SweepOnce(t.Context(), 30*time.Second))
	r.wantStatus(first, payment.Reversing, payment.Interrupted)
	r.wantStatus(second, payment.Reversing, payment.Interrupted)
	if h.canceled == 0 || h.searches < 10 {
		t.Errorf("%d searches, %d of them too long", h.searches, h.canceled)
	}
	before := h.searches
	r.must(r.SweepOnce(t.Context(), 0))
	if h.searches > before+1 {
		t.Errorf("what was searched is searched again, %d times", h.searches-before)
	}
	h.limit = leastStretch / 2
	r.clock.Advance(time.Minute)
	if err := r.SweepOnce(t.Context(), 0); postgres.State(err) != postgres.QueryCanceled {
		t.Errorf("a database without time for anything: %v", err)
	}
}

func TestStretchesFollowWhatTheyTake(t *testing.T) {
	for _, c := range []struct{ length, took, want time.Duration }{
		{time.Minute, quickSearch - 1, 2 * time.Minute},
		{time.Minute, quickSearch, time.Minute},
		{time.Minute, slowSearch, time.Minute},
		{time.Minute, slowSearch + 1, 30 * time.Second},
		{leastStretch, time.Hour, leastStretch},
	} {
		if got := nextStretch(c.length, c.took); got != c.want {
			t.Errorf("after %v in %v: %v, want %v", c.length, c.took, got, c.want)
		}
	}
}
