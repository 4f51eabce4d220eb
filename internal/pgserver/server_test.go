package pgserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/postgres"
)

// place is a folder for one private server after the other, so that its data are made only once.
var place string

func TestMain(m *testing.M) {
	code := 1
	if err := makePlace(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(place)
	os.Exit(code)
}

func makePlace() (err error) {
	if place, err = os.MkdirTemp("", "treasury-test-"); err != nil {
		return err
	}
	return os.Chmod(place, 0o755)
}

// folder makes a place that user postgres can reach too; t.TempDir is closed to everyone else.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(place, "folder-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, options Options) *Server {
	t.Helper()
	options.Log = slog.New(slog.DiscardHandler)
	server, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func closeServer(t *testing.T, server *Server) {
	t.Helper()
	if err := server.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestServerIsSharedAndStoppedByTheLast(t *testing.T) {
	options := Options{Folder: place, Volatile: true, Log: slog.New(slog.DiscardHandler)}
	servers, failures := make([]*Server, 3), make([]error, 3)
	var group sync.WaitGroup
	for i := range servers {
		group.Go(func() { servers[i], failures[i] = Start(t.Context(), options) })
	}
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	first := servers[0]
	starts := 0
	for _, server := range servers {
		if server.Started() {
			starts++
		}
		if server.URL("x") != first.URL("x") {
			t.Errorf("commands that started at once have different servers: %s and %s", server.URL("x"), first.URL("x"))
		}
	}
	if starts != 1 {
		t.Errorf("%d of three commands started a server, want 1", starts)
	}
	if err := postgres.Execute(t.Context(), first.URL("postgres"), "CREATE TABLE kept (n int)"); err != nil {
		t.Fatal(err)
	}
	pid := postmaster(first.home)
	closeServer(t, servers[0])
	closeServer(t, servers[1])
	if postmaster(first.home) != pid {
		t.Fatal("the server was stopped while a command still used it")
	}
	closeServer(t, servers[2])
	if !ends(t, first.home, pid) {
		t.Fatal("the last command left the server behind")
	}
	if _, err := os.Stat(first.state.SocketDir); err == nil {
		t.Error("the socket's folder was left behind")
	}
	again := start(t, options)
	defer closeServer(t, again)
	if err := postgres.Execute(t.Context(), again.URL("postgres"), "SELECT n FROM kept"); err != nil {
		t.Errorf("data did not survive a stop: %v", err)
	}
	if err := postgres.Execute(t.Context(), again.TCPURL("postgres"), "SELECT n FROM kept"); err != nil {
		t.Errorf("over TCP: %v", err)
	}
	if answers, err := ping(t.Context(), again.TCPURL("postgres")+"&password=wrong"); answers || err == nil {
		t.Error("TCP let somebody in without the password")
	}
}

// A killed server leaves its pid file; in a container the number soon belongs to somebody else.
func TestServerStartsAfterAKill(t *testing.T) {
	options := Options{Folder: place, Volatile: true}
	killed := start(t, options)
	killed.users.release()
	if err := syscall.Kill(postmaster(killed.home), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	again := start(t, options)
	if !again.Started() {
		t.Error("the killed server was taken for a running one")
	}
	if answers, err := ping(t.Context(), again.URL("postgres")); !answers {
		t.Errorf("does not answer: %v", err)
	}
	closeServer(t, again)

	stranger := []byte(strconv.Itoa(os.Getpid()) + "\n" + again.home.data() + "\n0\n1\n/tmp\nlocalhost\n\nready\n")
	pidFile := filepath.Join(again.home.data(), "postmaster.pid")
	if err := os.WriteFile(pidFile, stranger, 0o600); err != nil {
		t.Fatal(err)
	}
	third := start(t, options)
	defer closeServer(t, third)
	if answers, err := ping(t.Context(), third.URL("postgres")); !answers {
		t.Errorf("a pid file that names another program kept the server from starting: %v", err)
	}
}

func TestWatchStopsAnUnusedServer(t *testing.T) {
	server := start(t, Options{Folder: place, Volatile: true})
	if err := stopUnused(t.Context(), server.home); err != errInUse {
		t.Fatalf("with a user: %v, want errInUse", err)
	}
	server.users.release()
	if err := Watch(t.Context(), server.home.dir, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if postmaster(server.home) != 0 {
		t.Error("the unused server runs on")
	}
}

func TestDurableServer(t *testing.T) {
	options := Options{Folder: place}
	server := start(t, options)
	defer closeServer(t, server)
	conn, err := postgres.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := postgres.AssertDurable(t.Context(), conn); err != nil {
		t.Errorf("a fresh durable server: %v", err)
	}
	options.Volatile, options.Log = true, slog.New(slog.DiscardHandler)
	if _, err := Start(t.Context(), options); err == nil {
		t.Error("tests were given a durable server in use by others")
	}
}

func TestVolatileDataAreNotTrustedAfterACrashOfTheMachine(t *testing.T) {
	for _, c := range []struct {
		name  string
		last  state
		clean bool
		keeps bool
	}{
		{"same boot", state{BootID: bootID()}, false, true},
		{"other boot", state{BootID: "before"}, false, false},
		{"other boot, stopped in order", state{BootID: "before"}, true, true},
		{"other boot, durable", state{BootID: "before", Durable: true}, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := Server{home: home{dir: t.TempDir()}}
			if err := os.Mkdir(server.home.data(), 0o700); err != nil {
				t.Fatal(err)
			}
			if !c.clean {
				if err := os.WriteFile(filepath.Join(server.home.data(), "postmaster.pid"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := server.dropAfterMachineCrash(c.last); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(server.home.data()); (err == nil) != c.keeps {
				t.Errorf("data kept: %v, want %v", err == nil, c.keeps)
			}
		})
	}
}

// ends waits a little for a server that was stopped to be gone, as a file and as a process.
func ends(t *testing.T, h home, pid int) bool {
	limited, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for postmaster(h) != 0 || syscall.Kill(pid, 0) == nil && runsOn(pid, h.data()) {
		if !await.Pause(limited.Done(), 5*time.Millisecond) {
			return false
		}
	}
	return true
}
