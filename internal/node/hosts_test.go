package node

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"

	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/postgres"
)

// serverOf starts a private server, and tells its address, its socket's folder and its port.
func serverOf(t *testing.T) (address, host, port string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "treasury-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil { // user postgres can reach it too
		t.Fatal(err)
	}
	server, err := pgserver.Start(t.Context(), pgserver.Options{Folder: folder, Volatile: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	return u.String(), u.Query().Get("host"), u.Query().Get("port")
}

// H4: where DATABASE_URL names a server first that takes no writes, everything that a node connects for goes to the other one: the look at the
// start, the migrations, the pool, the lanes and the watch over them.
func TestH4_AServerThatTakesNoWritesIsPassedOver(t *testing.T) {
	asleep, host, port := serverOf(t)
	if err := postgres.Execute(t.Context(), asleep, "ALTER DATABASE postgres SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	awake, otherHost, otherPort := serverOf(t)
	_, network := standIn(t, "127.0.0.1:0")
	config := testConfig(t, network)
	config.DatabaseURL = "postgres://postgres@/postgres?sslmode=disable&host=" + host + "," + otherHost + "&port=" + port + "," + otherPort
	n, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}()
	if status, names := missing(t, n); status != 200 {
		t.Errorf("not ready: %v", names)
	}
	sessions := func(address string) (names []string) {
		t.Helper()
		conn, err := postgres.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		err = conn.QueryRow(t.Context(), `SELECT coalesce(array_agg(DISTINCT application_name), '{}') FROM pg_stat_activity
			 WHERE application_name LIKE 'treasury-switch%' AND pid <> pg_backend_pid()`).Scan(&names)
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	until(t, "every kind of session at the server that takes writes", func() bool {
		all := strings.Join(sessions(awake), ", ")
		return strings.Contains(all, "treasury-switch node test") && strings.Contains(all, "treasury-switch lane test") &&
			strings.Contains(all, "treasury-switch watch over lanes")
	})
	if names := sessions(asleep); len(names) > 0 {
		t.Errorf("the other server has %v", names)
	}
}
