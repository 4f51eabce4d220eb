package recorder

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
)

// rollbackLimit bounds the clean-up after a failed group.
const rollbackLimit = 2 * time.Second

const takeRuntimeRole = "SET ROLE " + postgres.RuntimeRole

// session is a lane's connection.
type session struct {
	conn    *pgx.Conn
	server  postgres.Identity
	started time.Time // when its server process was started
}

// pid is the server process of the session.
func (s *session) pid() int32 { return int32(s.conn.PgConn().PID()) }

// openSession connects as the runtime role, to a server that takes writes.
func openSession(ctx context.Context, address, name string, check postgres.Check) (*session, error) {
	config, err := sessionConfig(address, name, check)
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(ctx, postgres.ConnectLimit(config)+statementLimit)
	defer cancel()
	s := &session{}
	if s.conn, err = pgx.ConnectConfig(limited, config); err != nil {
		return nil, fmt.Errorf("connect the recorder to the database: %w", err)
	}
	if err := s.begin(limited); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// sessionConfig configures a lane's connection. The server ends a statement, or an idle transaction, of a lane that
// has stopped; a half-sent COPY counts as neither, and COMMIT's wait for a standby is not covered by the statement
// timeout, which has ended by then (PostgreSQL, postgres.c, finish_xact_command).
func sessionConfig(address, name string, check postgres.Check) (*pgx.ConnConfig, error) {
	config, err := postgres.Config(address)
	if err != nil {
		return nil, err
	}
	postgres.Validate(&config.Config, check)
	limit := strconv.FormatInt(statementLimit.Milliseconds(), 10)
	for setting, value := range map[string]string{
		"application_name": "treasury-switch " + name, "synchronous_commit": "on", "lock_timeout": "2000",
		"statement_timeout": limit, "idle_in_transaction_session_timeout": limit,
	} {
		config.RuntimeParams[setting] = value
	}
	return config, nil
}

func (s *session) begin(ctx context.Context) (err error) {
	if s.server, err = postgres.Identify(ctx, s.conn.PgConn()); err != nil {
		return err
	}
	if err := s.conn.QueryRow(ctx, `SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()`).Scan(&s.started); err != nil {
		return fmt.Errorf("ask the database for the session: %w", err)
	}
	if _, err := s.conn.Exec(ctx, takeRuntimeRole); err != nil {
		return fmt.Errorf("take role %s: %w", postgres.RuntimeRole, err)
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return postgres.Writable(ctx, s.conn)
}

// alive reports whether the server process of another session still exists.
func (s *session) alive(ctx context.Context, other *session) (is bool, err error) {
	err = s.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2)`, other.pid(), other.started).Scan(&is)
	return is, err
}

// end terminates an abandoned session of the same lane if its server process waits for the client, so that nothing
// still sent by the lane reaches it. A session that waits for a standby in its COMMIT is left alone.
func (s *session) end(ctx context.Context, other *session) error {
	if !other.server.Same(s.server) {
		return nil
	}
	if _, err := s.conn.Exec(ctx, "RESET ROLE"); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2 AND wait_event_type = 'Client'`,
		other.pid(), other.started)
	if err != nil {
		return err
	}
	_, err = s.conn.Exec(ctx, takeRuntimeRole)
	return err
}

// sever closes the socket under whoever waits for an answer on it.
func (s *session) sever() { _ = s.conn.PgConn().Conn().Close() }

func (s *session) rollback() error {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackLimit)
	defer cancel()
	if s.conn.IsClosed() {
		return pgx.ErrTxClosed
	}
	_, err := s.conn.Exec(ctx, "ROLLBACK")
	return err
}

func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), rollbackLimit)
	defer cancel()
	_ = s.conn.Close(ctx) // a connection that does not close is gone anyway
}

// looksAtCommit is how often a COMMIT is checked per AskAfter.
const looksAtCommit = 5

// commitWatch asks, while the COMMIT of a lane takes long, whether it still waits for the present primary. COMMIT has
// no deadline, since one that fires leaves its outcome unknown; but a primary that was replaced while it waited for
// its standby will never answer. Then the connection is cut, and the group reads its outcome on a new one.
type commitWatch struct {
	connect func(context.Context) (*session, error)
	after   time.Duration
	lanes   []*lane
	observe Observer
	log     *slog.Logger
}

func newCommitWatch(c Config, lanes []*lane) *commitWatch {
	return &commitWatch{after: c.AskAfter, lanes: lanes, observe: c.Observe, log: c.Log, connect: func(ctx context.Context) (*session, error) {
		return openSession(ctx, c.Address, "watch over COMMIT", c.Check)
	}}
}

// run checks periodically until ctx ends.
func (w *commitWatch) run(ctx context.Context) {
	tick := time.NewTicker(w.after / looksAtCommit)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, l := range w.lanes {
			_ = Shielded(w.observe, w.log, "look at a COMMIT", func() error { w.look(ctx, l); return nil }) // the panic is logged
		}
	}
}

// look checks a lane whose COMMIT has taken too long.
func (w *commitWatch) look(ctx context.Context, l *lane) {
	waiting, since := l.current.Load(), l.commits.Load()
	if waiting == nil || since == 0 || l.steady()-time.Duration(since) < w.after {
		return
	}
	why, err := w.ask(ctx, waiting)
	switch {
	case err != nil:
		w.log.Warn("a COMMIT takes long, and it is not known whether its server is still the primary", "lane", l.owner, "error", err)
	case why == "":
		w.log.Warn("a COMMIT takes long; its server is still the primary", "lane", l.owner)
	case l.current.Load() == waiting && l.commits.Load() == since:
		w.log.Warn("a COMMIT is not waited for any longer: "+why, "lane", l.owner, "server", waiting.server.Address)
		waiting.sever()
	}
}

// ask returns, over a new connection, why a session will not be answered; "" if it may be.
func (w *commitWatch) ask(ctx context.Context, waiting *session) (why string, err error) {
	present, err := w.connect(ctx)
	if err != nil {
		return "", err
	}
	defer present.close()
	if !present.server.Same(waiting.server) {
		return "another server is the primary", nil
	}
	limited, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	if _, err := present.conn.Exec(limited, "RESET ROLE"); err != nil { // only its own user sees a process
		return "", err
	}
	alive, err := present.alive(limited, waiting)
	if err == nil && !alive {
		why = "its session is not there any more"
	}
	return why, err
}
