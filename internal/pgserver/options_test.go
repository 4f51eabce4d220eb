package pgserver

import (
	"bytes"
	"os"
	"strconv"
	"testing"

	"treasury-switch/internal/postgres"
)

// TestSettingsAndEnvironmentReachTheServer, and its programs are found.
func TestSettingsAndEnvironmentReachTheServer(t *testing.T) {
	server := start(t, Options{Folder: place, Volatile: true, Settings: []string{"work_mem=5MB", "wal_compression=off"},
		Environment: []string{"MEASURED=yes"}})
	defer closeServer(t, server)
	conn, err := postgres.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var memory, compression, locks string
	row := conn.QueryRow(t.Context(), `SELECT current_setting('work_mem'), current_setting('wal_compression'), current_setting('max_locks_per_transaction')`)
	if err := row.Scan(&memory, &compression, &locks); err != nil {
		t.Fatal(err)
	}
	if memory != "5MB" || compression != "off" || locks != "256" {
		t.Errorf("work_mem is %s, wal_compression %s, max_locks_per_transaction %s", memory, compression, locks)
	}
	environment, err := os.ReadFile("/proc/" + strconv.Itoa(postmaster(server.home)) + "/environ")
	if err != nil || !bytes.Contains(environment, []byte("MEASURED=yes")) {
		t.Errorf("the environment is %q, %v", environment, err)
	}
	if path, err := server.Program("initdb"); err != nil || path == "" {
		t.Errorf("initdb is at %q, %v", path, err)
	}
	if path, err := server.Program("no-such-program"); err == nil {
		t.Errorf("a program that is not there is at %q", path)
	}
}
