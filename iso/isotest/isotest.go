// Package isotest is shared by the tests of the wire's packages: a far end of a connection, a server that ends with
// its test, a MAC, a log that can be read while it is written.
package isotest

import (
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// MAC makes the retail MAC of a key that only tests have.
func MAC(t testing.TB) mac.Code {
	t.Helper()
	key, err := mac.ParseKey("0123456789ABCDEFFEDCBA9876543210")
	if err != nil {
		t.Fatal(err)
	}
	code, err := mac.New(mac.Retail, key)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// Listen opens a free port of the loopback address.
func Listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Server is what Serve runs.
type Server interface {
	Serve(net.Listener) error
	Close()
}

// Serve runs a server until the test ends.
func Serve(t testing.TB, s Server, l net.Listener) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// Want checks the type and some fields of a message; "" means that a field is absent.
func Want(t testing.TB, m *iso.Message, mti iso.MTI, fields map[int]string) {
	t.Helper()
	if m == nil {
		t.Fatal("there is no message")
	}
	if m.MTI != mti {
		t.Errorf("message type %s, want %s", m.MTI, mti)
	}
	for f, v := range fields {
		if m.Get(f) != v {
			t.Errorf("F%d is %q, want %q", f, m.Get(f), v)
		}
	}
}

// Eventually waits for another goroutine, without a timeout of its own: the test's deadline is the bound.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for range 5_000_000 {
		if done() {
			return
		}
		runtime.Gosched()
	}
	t.Fatalf("it never came true that %s", what)
}

// Log is a log that goroutines may write while a test reads.
type Log struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write adds to the log.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String is the log so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Logger writes to the log.
func (l *Log) Logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
