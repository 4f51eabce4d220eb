package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// H4: a server that was promoted is on its new timeline at once, by the file that it writes, and every new connection, alone or of a pool, is
// held to it. A standby is none that can be worked with.
func TestH4_EveryConnectionTellsItsTimeline(t *testing.T) {
	server := standby(t)
	ask := func() (postgres.Identity, error) {
		conn, err := postgres.Connect(t.Context(), server.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		return postgres.Identify(t.Context(), conn.PgConn())
	}
	if id, err := ask(); !errors.Is(err, postgres.ErrNotWritable) {
		t.Errorf("a standby is %+v, %v", id, err)
	}
	if err := postgres.Execute(t.Context(), server.URL("postgres"), "SELECT pg_promote()"); err != nil {
		t.Fatal(err)
	}
	id, err := ask()
	if err != nil || id.Timeline < 2 || id.System == "" || id.Started.IsZero() {
		t.Fatalf("after its promotion it is %+v, %v", id, err)
	}
	seen, err := postgres.OpenTimelines(filepath.Join(t.TempDir(), "timelines.json"))
	if err != nil {
		t.Fatal(err)
	}
	pooled := func() error {
		pool, err := postgres.Open(t.Context(), server.URL("postgres"), postgres.Options{Owner: true, Check: seen.Check})
		if err == nil {
			pool.Close()
		}
		return err
	}
	if err := pooled(); err != nil || seen.Newest(id.System) != id.Timeline {
		t.Errorf("a pool's connection: %v; remembered %v", err, seen.Newest(id.System))
	}
	if err := seen.Check(postgres.Identity{System: id.System, Timeline: id.Timeline + 1}); err != nil {
		t.Fatal(err)
	}
	if err := pooled(); !fault.Is(err, fault.Conflict) {
		t.Errorf("a pool's connection to a server that was left behind: %v", err)
	}
}

// Where the address names several hosts, an old primary among them is passed over for the present one, by pools and alone.
func TestH4_AnOldPrimaryIsPassedOver(t *testing.T) {
	server := start(t)
	twice, err := url.Parse(server.TCPURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	twice.Host += "," + twice.Host
	asked := 0
	check := func(postgres.Identity) error {
		if asked++; asked == 1 {
			return fault.New(fault.Conflict, "an old primary")
		}
		return nil
	}
	conn, err := postgres.ConnectTo(t.Context(), twice.String(), check)
	if err != nil || asked != 2 {
		t.Fatalf("alone: %v after %d hosts", err, asked)
	}
	_ = conn.Close(t.Context())
	asked = 0
	pool, err := postgres.Open(t.Context(), twice.String(), postgres.Options{Owner: true, MaxConns: 1, Check: check})
	if err != nil || asked != 2 {
		t.Fatalf("a pool: %v after %d hosts", err, asked)
	}
	pool.Close()
	_, err = postgres.ConnectTo(t.Context(), twice.String(), func(postgres.Identity) error { return fault.New(fault.Conflict, "an old primary") })
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("old primaries alone: %v", err)
	}
}
