package postgres_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgserver"
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

// H4: where the address names several hosts and a standby comes first, each kind of connection passes it over for the server that takes writes,
// unless the address asks for any.
func TestH4_AStandbyListedFirstIsPassedOver(t *testing.T) {
	first := standby(t)
	other, err := os.MkdirTemp(place, "other-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(other, 0o755); err != nil {
		t.Fatal(err)
	}
	second := startIn(t, other)
	ports := []string{settingOf(t, first, "port"), settingOf(t, second, "port")}
	for name, c := range map[string]struct{ address, port string }{
		"the standby first":      {several(t, first, second), ports[1]},
		"the standby last":       {several(t, second, first), ports[1]},
		"any, the standby first": {several(t, first, second) + "&target_session_attrs=any", ports[0]},
		"a standby, asked for":   {several(t, second, first) + "&target_session_attrs=standby", ports[0]},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := postgres.Connect(t.Context(), c.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			pool, err := postgres.Open(t.Context(), c.address, postgres.Options{Owner: true, MaxConns: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			for kind, db := range map[string]postgres.Querier{"alone": conn, "of a pool": pool} {
				var port string
				err := db.QueryRow(t.Context(), `SELECT current_setting('port')`).Scan(&port)
				if err != nil || port != c.port {
					t.Errorf("a connection %s is to the server at %s, want %s, %v", kind, port, c.port, err)
				}
			}
		})
	}
	if conn, err := postgres.Connect(t.Context(), several(t, first, first)); err == nil {
		_ = conn.Close(t.Context())
		t.Error("standbys alone are taken for one that takes writes")
	}
}

// several is an address that names several servers.
func several(t *testing.T, servers ...*pgserver.Server) string {
	t.Helper()
	var hosts, ports []string
	for _, s := range servers {
		hosts, ports = append(hosts, settingOf(t, s, "host")), append(ports, settingOf(t, s, "port"))
	}
	return "postgres://postgres@/postgres?sslmode=disable&host=" + strings.Join(hosts, ",") + "&port=" + strings.Join(ports, ",")
}

// settingOf is a setting of a server's own address.
func settingOf(t *testing.T, s *pgserver.Server, name string) string {
	t.Helper()
	u, err := url.Parse(s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get(name)
}
