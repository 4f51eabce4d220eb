package postgres_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"treasury-switch/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// Every connection is told on both sides how soon a silent peer is dead.
func TestASilentPeerIsNoticed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := postgres.Dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[int]int{syscall.TCP_KEEPIDLE: 5, syscall.TCP_KEEPINTVL: 3, syscall.TCP_KEEPCNT: 3, postgres.TCPUserTimeout: 10_000} {
		var got int
		if err := errors.Join(raw.Control(func(fd uintptr) { got, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option) }), err); err != nil || got != want {
			t.Errorf("option %d is %d, want %d; %v", option, got, want, err)
		}
	}
	server := start(t)
	for how, open := range map[string]func() (*pgx.Conn, func()){
		"alone": func() (*pgx.Conn, func()) {
			conn, err := postgres.Connect(t.Context(), server.TCPURL("postgres"))
			if err != nil {
				t.Fatal(err)
			}
			return conn, func() { _ = conn.Close(context.Background()) }
		},
		"of a pool": func() (*pgx.Conn, func()) {
			pool, err := postgres.Open(t.Context(), server.TCPURL("postgres"), postgres.Options{Owner: true})
			if err != nil {
				t.Fatal(err)
			}
			held, err := pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return held.Conn(), func() { held.Release(); pool.Close() }
		},
	} {
		conn, done := open()
		var got []string
		for _, name := range []string{"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"} {
			var value string
			if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", name).Scan(&value); err != nil {
				t.Fatal(err)
			}
			got = append(got, value)
		}
		if _, tcp := conn.PgConn().Conn().(*net.TCPConn); !tcp || strings.Join(got, " ") != "5 3 3 10000" {
			t.Errorf("a connection %s: the server has %v", how, got)
		}
		done()
	}
}

// A query without a deadline of its own ends all the same; COMMIT does not.
func TestEveryQueryHasADeadlineButCommit(t *testing.T) {
	server := start(t)
	open := func() *pgx.Conn {
		config, err := postgres.Config(server.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		postgres.SetDeadline(config, 300*time.Millisecond)
		conn, err := pgx.ConnectConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		return conn
	}
	background := context.Background()
	for what, ask := range map[string]func(*pgx.Conn) error{
		"a statement": func(c *pgx.Conn) error { _, err := c.Exec(background, "SELECT pg_sleep(20)"); return err },
		"a row":       func(c *pgx.Conn) error { var v any; return c.QueryRow(background, "SELECT pg_sleep(20)").Scan(&v) },
		"rows": func(c *pgx.Conn) error {
			rows, err := c.Query(background, "SELECT pg_sleep(0.2) FROM generate_series(1, 100)")
			if err != nil {
				return err
			}
			for rows.Next() {
			}
			return rows.Err()
		},
		"a batch": func(c *pgx.Conn) error {
			b := &pgx.Batch{}
			b.Queue("SELECT pg_sleep(20)")
			return c.SendBatch(background, b).Close()
		},
	} {
		if err := ask(open()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, want a deadline", what, err)
		}
	}
	conn := open()
	if _, err := conn.Exec(background, `CREATE TEMP TABLE slow (a int);
		CREATE FUNCTION pg_temp.doze() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END';
		CREATE CONSTRAINT TRIGGER doze AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.doze()`); err != nil {
		t.Fatal(err)
	}
	err := pgx.BeginFunc(background, conn, func(tx pgx.Tx) error { _, err := tx.Exec(background, "INSERT INTO slow VALUES (1)"); return err })
	if err != nil {
		t.Errorf("a COMMIT of 0.7 s: %v", err)
	}
	pool, err := postgres.Open(t.Context(), server.URL("postgres"), postgres.Options{Owner: true, StatementTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if pool.Config().ConnConfig.Tracer != nil {
		t.Error("a pool whose statements may take as long as they like has a deadline")
	}
}
