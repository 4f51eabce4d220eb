package postgres

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

// H4: the newest timeline of each cluster is kept, over restarts too, and an older one refused.
func TestH4_AnOlderTimelineIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "timelines.json")
	newer := 0
	for _, step := range []struct {
		system   string
		timeline uint32
		refused  bool
		newer    int
	}{
		{"one", 3, false, 0}, {"one", 3, false, 0}, {"one", 4, false, 1}, {"one", 3, true, 1}, {"one", 4, false, 1},
		{"two", 1, false, 1}, // Another cluster counts by itself.
		{"one", 5, false, 2}, {"two", 1, false, 2}, {"one", 4, true, 2},
	} {
		seen, err := OpenTimelines(path) // As after a restart.
		if err != nil {
			t.Fatal(err)
		}
		seen.OnNewer(func() { newer++ })
		err = seen.Check(Identity{System: step.system, Timeline: step.timeline})
		if refused := fault.Is(err, fault.Conflict); refused != step.refused || (err != nil && !refused) || newer != step.newer {
			t.Errorf("cluster %s, timeline %d: %v, newer ones %d", step.system, step.timeline, err, newer)
		}
	}
}

// A damaged file must not be taken for "nothing was seen", and what cannot be kept is not worked with.
func TestDamagedTimelinesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "timelines.json")
	if err := os.WriteFile(path, []byte(`{"one": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTimelines(path); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	seen := &Timelines{path: filepath.Join(blocked, "timelines.json"), seen: map[string]uint32{}}
	for range 2 {
		if err := seen.Check(Identity{System: "one", Timeline: 1}); err == nil {
			t.Error("a timeline that cannot be kept is worked with")
		}
	}
}

func TestTimelineOfAFile(t *testing.T) {
	for file, want := range map[string]uint32{"000000010000000000000001": 1, "0000001A00000000000000FF": 26, "00000001": 0, "0000000X0000000000000001": 0, "": 0} {
		if got, err := timelineOf(file); got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v", file, got, err)
		}
	}
}

// standby is the server of the tests, started as a standby that nobody feeds.
func standby(t *testing.T) *Server {
	t.Helper()
	options := ServerOptions{Folder: place, Volatile: true}
	server := start(t, options)
	closeServer(t, server)
	if err := os.WriteFile(filepath.Join(server.home.data(), "standby.signal"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	programs, err := server.home.programs()
	if err != nil {
		t.Fatal(err)
	}
	if server.state, err = server.newState(false); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(server.state.write(server.home), server.run(t.Context(), programs, server.state, options)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(context.Background(), server.home); err != nil {
			t.Error(err)
		}
	})
	return server
}

// H4: a server that was promoted is on its new timeline at once, by the file that it writes, and every new connection, alone or of a pool, is
// held to it. A standby is none that can be worked with.
func TestH4_EveryConnectionTellsItsTimeline(t *testing.T) {
	server := standby(t)
	ask := func() (Identity, error) {
		conn, err := Connect(t.Context(), server.URL("postgres"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		return Identify(t.Context(), conn.PgConn())
	}
	if id, err := ask(); !errors.Is(err, ErrNotWritable) {
		t.Errorf("a standby is %+v, %v", id, err)
	}
	if err := execute(t.Context(), server.URL("postgres"), "SELECT pg_promote()"); err != nil {
		t.Fatal(err)
	}
	id, err := ask()
	if err != nil || id.Timeline < 2 || id.System == "" || id.Started.IsZero() {
		t.Fatalf("after its promotion it is %+v, %v", id, err)
	}
	seen, err := OpenTimelines(filepath.Join(t.TempDir(), "timelines.json"))
	if err != nil {
		t.Fatal(err)
	}
	pooled := func() error {
		pool, err := Open(t.Context(), server.URL("postgres"), Options{Owner: true, Check: seen.Check})
		if err == nil {
			pool.Close()
		}
		return err
	}
	if err := pooled(); err != nil || seen.seen[id.System] != id.Timeline {
		t.Errorf("a pool's connection: %v; remembered %v", err, seen.seen)
	}
	if err := seen.Check(Identity{System: id.System, Timeline: id.Timeline + 1}); err != nil {
		t.Fatal(err)
	}
	if err := pooled(); !fault.Is(err, fault.Conflict) {
		t.Errorf("a pool's connection to a server that was left behind: %v", err)
	}
}

// Where the address names several hosts, an old primary among them is passed over for the present one, by pools and alone.
func TestH4_AnOldPrimaryIsPassedOver(t *testing.T) {
	server := start(t, ServerOptions{Folder: place, Volatile: true})
	defer closeServer(t, server)
	twice, err := url.Parse(server.TCPURL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	twice.Host += "," + twice.Host
	asked := 0
	check := func(Identity) error {
		if asked++; asked == 1 {
			return fault.New(fault.Conflict, "an old primary")
		}
		return nil
	}
	conn, err := ConnectTo(t.Context(), twice.String(), check)
	if err != nil || asked != 2 {
		t.Fatalf("alone: %v after %d hosts", err, asked)
	}
	_ = conn.Close(t.Context())
	asked = 0
	pool, err := Open(t.Context(), twice.String(), Options{Owner: true, MaxConns: 1, Check: check})
	if err != nil || asked != 2 {
		t.Fatalf("a pool: %v after %d hosts", err, asked)
	}
	pool.Close()
	_, err = ConnectTo(t.Context(), twice.String(), func(Identity) error { return fault.New(fault.Conflict, "an old primary") })
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("old primaries alone: %v", err)
	}
}
