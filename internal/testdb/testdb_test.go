package testdb

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"treasury-switch/internal/postgres"
)

func TestPoolsOfOneTestShareItsDatabase(t *testing.T) {
	var owners, runtimes string
	for pool, into := range map[string]*string{"owner": &owners, "runtime": &runtimes} {
		p := New(t)
		if pool == "owner" {
			p = Owner(t)
		}
		if err := p.QueryRow(t.Context(), "SELECT current_database()").Scan(into); err != nil {
			t.Fatal(err)
		}
	}
	if owners != runtimes || !strings.Contains(URL(t), "/"+owners+"?") {
		t.Errorf("owner in %s, runtime role in %s", owners, runtimes)
	}
	var role string
	if err := New(t).QueryRow(t.Context(), "SELECT current_user").Scan(&role); err != nil || role != postgres.RuntimeRole {
		t.Errorf("tests work as %s (%v)", role, err)
	}
}

// The two subtests would disturb each other if they shared rows.
func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(t).Exec(t.Context(), "INSERT INTO lane (id, epoch, beat, owner) VALUES (1, 1, 0, $1)", name)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) {
		if err := Owner(t).QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	var there bool
	row := Owner(t).QueryRow(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name)
	if err := row.Scan(&there); err != nil || there {
		t.Errorf("database %s is still there (%v)", name, err)
	}
}

func TestEmptyHasNoTables(t *testing.T) {
	conn, err := postgres.Connect(t.Context(), Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var tables int
	row := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
	if err := row.Scan(&tables); err != nil || tables != 0 {
		t.Errorf("%d tables (%v)", tables, err)
	}
}

func TestDockerIsUsedOnlyWhereItAnswers(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         bool
	}{
		{"engine", "HTTP/1.0 200 OK\r\n\r\nOK", true},
		{"broken engine", "HTTP/1.0 500 Internal Server Error\r\n\r\n", false},
		{"something else", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			listener, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				request := make([]byte, 1024)
				if _, err := conn.Read(request); err == nil {
					_, _ = conn.Write([]byte(c.answer))
				}
			}()
			if _, got := dockerSocket("unix://" + path); got != c.want {
				t.Errorf("used: %v, want %v", got, c.want)
			}
		})
	}
	for _, host := range []string{"unix://" + filepath.Join(t.TempDir(), "absent"), "tcp://127.0.0.1:2375"} {
		if _, got := dockerSocket(host); got {
			t.Errorf("%s was used", host)
		}
	}
}
