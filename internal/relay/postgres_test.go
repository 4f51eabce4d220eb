package relay

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/await"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

// table is a database with one table, a relay before it, and how a lane connects through it.
type table struct {
	t     *testing.T
	relay *Relay
	lane  *pgx.Conn
}

func newTable(t *testing.T) *table {
	t.Helper()
	if _, err := testdb.Owner(t).Exec(t.Context(), `CREATE TABLE things (n int PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	r, address, err := NewPostgres(testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	config, err := postgres.Config(address)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["application_name"] = "treasury-switch lane test/0"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		_ = conn.Close(context.Background()) // Most tests have broken it.
	})
	for name, sql := range map[string]string{"commit": "COMMIT", "add": "INSERT INTO things VALUES (1)"} {
		if _, err := conn.Prepare(t.Context(), name, sql); err != nil {
			t.Fatal(err)
		}
	}
	return &table{t, r, conn}
}

// write adds a row in a transaction as a lane does, with prepared statements, and says what came of it.
func (x *table) write() <-chan error {
	done := make(chan error, 1)
	go func() {
		if _, err := x.lane.Exec(context.Background(), "BEGIN"); err != nil {
			done <- err
			return
		}
		b := &pgx.Batch{}
		b.Queue("add")
		b.Queue("commit")
		done <- x.lane.SendBatch(context.Background(), b).Close()
	}()
	return done
}

// rows counts what is in the table, seen from beside the relay.
func (x *table) rows() (n int) {
	x.t.Helper()
	if err := testdb.Owner(x.t).QueryRow(x.t.Context(), `SELECT count(*) FROM things`).Scan(&n); err != nil {
		x.t.Fatal(err)
	}
	return n
}

func (x *table) eventually(what string, holds func() bool) {
	x.t.Helper()
	for left := time.Now().Add(soon); !holds(); {
		if time.Now().After(left) || !await.Pause(x.t.Context().Done(), 5*time.Millisecond) {
			x.t.Fatalf("never: %s", what)
		}
	}
}

// sprung waits for a trap.
func (x *table) sprung(trap <-chan struct{}) {
	x.t.Helper()
	if await.Pause(trap, soon) {
		x.t.Fatal("the trap has not sprung")
	}
}

func (x *table) fails(written <-chan error) {
	x.t.Helper()
	select {
	case err := <-written:
		if err == nil {
			x.t.Error("it was told as written")
		}
	case <-time.After(soon):
		x.t.Error("the client was told nothing")
	}
}

func TestSwallowedCommit(t *testing.T) {
	x := newTable(t)
	trap := x.relay.Trap(Lanes, AtCommit, "add", Swallow)
	x.fails(x.write())
	x.sprung(trap)
	if n := x.rows(); n != 0 {
		t.Errorf("%d rows, and COMMIT never came", n)
	}
}

func TestLostConfirmation(t *testing.T) {
	x := newTable(t)
	trap := x.relay.Trap(Lanes, AtCommit, "", Lose)
	x.fails(x.write())
	x.sprung(trap)
	if n := x.rows(); n != 1 {
		t.Errorf("%d rows, and COMMIT was done", n)
	}
}

func TestMutedConfirmation(t *testing.T) {
	x := newTable(t)
	trap := x.relay.Trap(Lanes, AtCommit, "add", Mute)
	written := x.write()
	x.sprung(trap)
	x.eventually("the row is there", func() bool { return x.rows() == 1 })
	select {
	case err := <-written:
		t.Fatalf("it was told %v", err)
	default:
	}
	x.relay.Release()
	if err := <-written; err != nil {
		t.Error(err)
	}
}

func TestKeptCommit(t *testing.T) {
	x := newTable(t)
	trap := x.relay.Trap(Lanes, AtCommit, "add", Keep)
	written := x.write()
	x.sprung(trap)
	x.eventually("the relay holds it", func() bool { return x.relay.Waiting() == 1 })
	if n := x.rows(); n != 0 {
		t.Errorf("%d rows, and COMMIT was kept", n)
	}
	x.relay.Release()
	if err := <-written; err != nil || x.rows() != 1 {
		t.Errorf("%d rows: %v", x.rows(), err)
	}
}

// TestOtherTransactionsPass has the trap wait for a transaction with the statement that it names.
func TestOtherTransactionsPass(t *testing.T) {
	x := newTable(t)
	x.relay.Trap(Lanes, AtCommit, "another", Swallow)
	if err := <-x.write(); err != nil || x.rows() != 1 {
		t.Errorf("%d rows: %v", x.rows(), err)
	}
	x.relay.Disarm()
	if _, err := x.lane.Exec(t.Context(), "DELETE FROM things"); err != nil {
		t.Fatal(err)
	}
	x.relay.Trap(Others, AtCommit, "", Swallow)
	if err := <-x.write(); err != nil || x.rows() != 1 {
		t.Errorf("%d rows: %v", x.rows(), err)
	}
}

// TestFadingCommit is done by the server, and the client hears nothing, not even that its connection is gone.
func TestFadingCommit(t *testing.T) {
	x := newTable(t)
	trap := x.relay.Trap(Lanes, AtCommit, "add", Fade)
	written := x.write()
	x.sprung(trap)
	x.eventually("the row is there", func() bool { return x.rows() == 1 })
	select {
	case err := <-written:
		t.Errorf("it was told %v", err)
	case <-time.After(moment):
	}
	x.relay.Reset(All)
	x.fails(written)
}

// TestFadingRows leaves a server in the middle of a COPY, which it goes on waiting for.
func TestFadingRows(t *testing.T) {
	x := newTable(t)
	trap := x.relay.Trap(Lanes, AtRows, "", Fade)
	copied := make(chan error, 1)
	go func() {
		_, err := x.lane.CopyFrom(context.Background(), pgx.Identifier{"things"}, []string{"n"}, pgx.CopyFromRows([][]any{{1}, {2}}))
		copied <- err
	}()
	x.sprung(trap)
	x.eventually("the server waits for the rest", func() bool {
		var n int
		err := testdb.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE application_name LIKE '% lane test/0' AND state = 'active' AND wait_event = 'ClientRead'
			  AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = pg_stat_activity.pid AND l.relation = 'things'::regclass)`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n == 1
	})
	x.relay.Reset(All)
	<-copied
}
