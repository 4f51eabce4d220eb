package postgres

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// RuntimeRole is the role that the program works as: it may not change history. The migrations make it; it cannot log in,
// a connection's own user must be a member of it.
const RuntimeRole = "treasury_runtime"

// Options bound a pool and say as whom it works. The zero value is a runtime pool with the limits below.
type Options struct {
	// Owner keeps the rights of the address's own user, for migrations and tests. Otherwise every connection works as
	// RuntimeRole.
	Owner bool
	// Name is shown by pg_stat_activity after "treasury-switch", for example "lane 3".
	Name string
	// MaxConns is the most connections at once; 10 if zero.
	MaxConns int32
	// StatementTimeout bounds one statement; 10 s if zero, none if negative.
	StatementTimeout time.Duration
	// LockTimeout bounds the wait for one lock; 5 s if zero, none if negative.
	LockTimeout time.Duration
	// Check, if set, may refuse the server of a connection.
	Check Check
	// IdleTransaction ends a session whose transaction is idle so long; 30 s if zero, none if negative.
	IdleTransaction time.Duration
}

const (
	defaultMaxConns         = 10
	defaultStatementTimeout = 10 * time.Second
	defaultLockTimeout      = 5 * time.Second
	defaultIdleTransaction  = 30 * time.Second
)

// Open makes a pool and proves by a ping that the database answers and the role may be taken.
func Open(ctx context.Context, address string, options Options) (*pgxpool.Pool, error) {
	config, err := poolConfig(address, options)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database pool: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open database pool: %w", err)
	}
	return pool, nil
}

func poolConfig(address string, options Options) (*pgxpool.Config, error) {
	complete, err := Address(address)
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(complete)
	if err != nil {
		return nil, fmt.Errorf("the address of the database: %w", err) // pgx masks the password
	}
	config.MaxConns = options.MaxConns
	if config.MaxConns == 0 {
		config.MaxConns = defaultMaxConns
	}
	config.ConnConfig.DialFunc = dial
	params := config.ConnConfig.RuntimeParams
	if options.Name != "" {
		params["application_name"] = "treasury-switch " + options.Name
	}
	params["statement_timeout"] = milliseconds(options.StatementTimeout, defaultStatementTimeout)
	params["lock_timeout"] = milliseconds(options.LockTimeout, defaultLockTimeout)
	params["idle_in_transaction_session_timeout"] = milliseconds(options.IdleTransaction, defaultIdleTransaction)
	if options.StatementTimeout >= 0 {
		config.ConnConfig.Tracer = deadline{cmp.Or(options.StatementTimeout, defaultStatementTimeout) + answerSlack}
	}
	Validate(&config.ConnConfig.Config, options.Check)
	if !options.Owner {
		config.AfterConnect = takeRuntimeRole
	}
	return config, nil
}

// takeRuntimeRole gives up the rights of the address's user for the session.
func takeRuntimeRole(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, "SET ROLE "+RuntimeRole); err != nil {
		return fmt.Errorf("take role %s (made by `treasury-switch migrate`; the user of the address must be a member): %w",
			RuntimeRole, err)
	}
	return nil
}

// milliseconds spells a limit as PostgreSQL's settings do, where 0 is no limit.
func milliseconds(limit, fallback time.Duration) string {
	switch {
	case limit < 0:
		return "0"
	case limit == 0:
		limit = fallback
	}
	return strconv.FormatInt(max(limit.Milliseconds(), 1), 10)
}
