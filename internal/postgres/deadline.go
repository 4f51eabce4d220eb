package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// answerSlack is how long after its limit a statement's end is waited for: the server ends it, and says so, unless it is gone.
const answerSlack = 5 * time.Second

// deadline gives every query of a pool an end, also where its caller has none: a server that has vanished, or a way to it that swallows
// everything, says nothing. COMMIT alone has none, because one that fires would leave its outcome unknown. It is no tracer, but pgx lets a
// tracer alone change the context of a query.
type deadline struct{ limit time.Duration }

// cancelKey is where a query's context keeps what ends its timer.
type cancelKey struct{}

func (d deadline) begin(ctx context.Context) context.Context {
	limited, cancel := context.WithTimeout(ctx, d.limit)
	return context.WithValue(limited, cancelKey{}, cancel)
}

func (d deadline) end(ctx context.Context) {
	if cancel, ok := ctx.Value(cancelKey{}).(context.CancelFunc); ok {
		cancel()
	}
}

// TraceQueryStart begins a query's time.
func (d deadline) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.EqualFold(strings.TrimSpace(q.SQL), "commit") {
		return context.WithValue(ctx, cancelKey{}, nil)
	}
	return d.begin(ctx)
}

// TraceQueryEnd ends it, once the rows are read.
func (d deadline) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) {
	d.end(ctx)
}

// TraceBatchStart begins the time of a batch.
func (d deadline) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return d.begin(ctx)
}

// TraceBatchQuery is one of its queries.
func (d deadline) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd ends it.
func (d deadline) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchEndData) {
	d.end(ctx)
}
