package switching

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/postgres"
)

// rollbackLimit bounds the clearing up after a failed group.
const rollbackLimit = 2 * time.Second

const takeRuntimeRole = "SET ROLE " + postgres.RuntimeRole

// session is a lane's connection.
type session struct{ conn *pgx.Conn }

// openSession connects as the runtime role, to a server that takes writes.
func openSession(ctx context.Context, address, name string) (*session, error) {
	config, err := postgres.Config(address)
	if err != nil {
		return nil, err
	}
	s := &session{}
	config.RuntimeParams["application_name"] = "treasury-switch " + name
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["lock_timeout"] = "2000"
	limited, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	if s.conn, err = pgx.ConnectConfig(limited, config); err != nil {
		return nil, fmt.Errorf("connect the recorder to the database: %w", err)
	}
	if err := s.begin(limited); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) begin(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, takeRuntimeRole); err != nil {
		return fmt.Errorf("take role %s: %w", postgres.RuntimeRole, err)
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return postgres.Writable(ctx, s.conn)
}

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
