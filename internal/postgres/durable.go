package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrNotDurable means that a COMMIT of this database does not survive a crash, so no payment may rest on it.
var ErrNotDurable = errors.New("the database is not durable")

// ErrNotWritable says that this server takes no writes: a standby, or a primary that was demoted.
var ErrNotWritable = errors.New("the database is not writable")

// durability is what a session says about the fate of its COMMITs.
type durability struct {
	fsync, fullPageWrites, synchronousCommit string
	recovering, readOnly                     bool
}

// AssertDurable refuses a database whose COMMIT would be a promise without cover: fsync or full_page_writes off, a
// synchronous_commit below on, a standby or a read-only session.
func AssertDurable(ctx context.Context, db Querier) error {
	var d durability
	row := db.QueryRow(ctx, `
		SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
		       pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'`)
	if err := row.Scan(&d.fsync, &d.fullPageWrites, &d.synchronousCommit, &d.recovering, &d.readOnly); err != nil {
		return fmt.Errorf("ask the database whether it is durable: %w", err)
	}
	return d.check()
}

func (d durability) check() error {
	switch {
	case d.recovering:
		return fmt.Errorf("%w: it is a standby", ErrNotWritable)
	case d.readOnly:
		return fmt.Errorf("%w: default_transaction_read_only is on", ErrNotWritable)
	case d.fsync != "on":
		return fmt.Errorf("%w: fsync is %s", ErrNotDurable, d.fsync)
	case d.fullPageWrites != "on":
		return fmt.Errorf("%w: full_page_writes is %s", ErrNotDurable, d.fullPageWrites)
	case d.synchronousCommit != "on" && d.synchronousCommit != "remote_apply":
		return fmt.Errorf("%w: synchronous_commit is %s", ErrNotDurable, d.synchronousCommit)
	}
	return nil
}

// Now is the time by the server's clock, at some moment between the call and its return.
func Now(ctx context.Context, db Querier) (at time.Time, err error) {
	if err := db.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&at); err != nil {
		return at, fmt.Errorf("ask the database for the time: %w", err)
	}
	return at, nil
}

// Writable reports whether the database takes writes now, for readiness: nil, ErrNotWritable, or why it did not answer.
func Writable(ctx context.Context, db Querier) error {
	var recovering, readOnly bool
	row := db.QueryRow(ctx, `SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'`)
	if err := row.Scan(&recovering, &readOnly); err != nil {
		return fmt.Errorf("ask the database whether it is writable: %w", err)
	}
	if recovering || readOnly {
		return ErrNotWritable
	}
	return nil
}
