package relay

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"treasury-switch/internal/await"
)

// soon bounds the wait for what must happen, a moment the wait in which nothing must.
const (
	soon   = 10 * time.Second
	moment = 100 * time.Millisecond
)

// echo is a server that sends back what it gets.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
		}
	}()
	return l.Addr().String()
}

// through connects to an echo through a relay.
func through(t *testing.T) (*Relay, *net.TCPConn) {
	t.Helper()
	r, err := New(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	c := dial(t, r)
	say(t, c, "hello")
	hear(t, c, "hello")
	return r, c
}

func dial(t *testing.T, r *Relay) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp4", r.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// hear reads a text; "" wants nothing to come for a moment.
func hear(t *testing.T, c net.Conn, text string) {
	t.Helper()
	limit := soon
	if text == "" {
		limit = moment
	}
	_ = c.SetReadDeadline(time.Now().Add(limit))
	got := make([]byte, max(len(text), 1))
	_, err := io.ReadFull(c, got)
	switch {
	case text == "" && !errors.Is(err, os.ErrDeadlineExceeded):
		t.Fatalf("heard %q (%v), want nothing", got, err)
	case text != "" && (err != nil || string(got) != text):
		t.Fatalf("heard %q (%v), want %q", got, err, text)
	}
}

// fails reads and wants the connection's end to be that error.
func fails(t *testing.T, c net.Conn, want error) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(soon))
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, want) {
		t.Fatalf("the connection ends with %v, want %v", err, want)
	}
}

// unacknowledged is how many bytes of a connection the other side has not acknowledged yet.
func unacknowledged(t *testing.T, c *net.TCPConn) (n int) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestHeldBytesAreTaken holds each way back, and lets go.
func TestHeldBytesAreTaken(t *testing.T) {
	for _, way := range []Way{Up, Down, Both} {
		r, c := through(t)
		r.Hold(Others, way)
		say(t, c, "held")
		hear(t, c, "")
		if n := unacknowledged(t, c); n != 0 {
			t.Errorf("%d bytes are not acknowledged, a hung program acknowledges all", n)
		}
		r.Release()
		hear(t, c, "held")
		r.Hold(Lanes, way)
		say(t, c, "not meant")
		hear(t, c, "not meant")
	}
}

// TestVanishedHearNothing has the connection go dead: nothing is acknowledged, nothing ends, and it arrives after the return.
func TestVanishedHearNothing(t *testing.T) {
	r, c := through(t)
	if err := r.Vanish(All); err != nil {
		t.Fatal(err)
	}
	say(t, c, "into the void")
	hear(t, c, "")
	if n := unacknowledged(t, c); n != len("into the void") {
		t.Errorf("%d bytes are not acknowledged, want all", n)
	}
	other := dial(t, r)
	say(t, other, "a new one")
	hear(t, other, "a new one")
	if err := r.Return(); err != nil {
		t.Fatal(err)
	}
	hear(t, c, "into the void")
	if err := r.Vanish(All); err != nil {
		t.Fatal(err)
	}
	r.Bury()
	fails(t, c, syscall.ECONNRESET)
	say(t, dial(t, r), "served")
}

// TestEnds has every way in which connections end.
func TestEnds(t *testing.T) {
	r, c := through(t)
	r.Cut(All)
	fails(t, c, io.EOF)
	c = dial(t, r)
	say(t, c, "x")
	hear(t, c, "x")
	r.Reset(All)
	fails(t, c, syscall.ECONNRESET)
	r.Refuse(true)
	if refused, err := net.Dial("tcp4", r.Address()); err == nil {
		fails(t, refused, syscall.ECONNRESET)
		_ = refused.Close()
	} else if !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
	r.Refuse(false)
	c = dial(t, r)
	say(t, c, "y")
	hear(t, c, "y")
	_ = c.Close()
	for left := time.Now().Add(soon); r.Conns(All) > 0; {
		if time.Now().After(left) || !await.Pause(t.Context().Done(), time.Millisecond) {
			t.Fatalf("%d connections are left", r.Conns(All))
		}
	}
}
