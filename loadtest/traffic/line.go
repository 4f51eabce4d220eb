package traffic

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/loadtest/wire"
)

// Bounds of a connection.
const (
	maxUnwritten = 1 << 20 // bytes that wait for the switch to read; beyond it nothing more is sent
	readBuffer   = 64 << 10
	redial       = 100 * time.Millisecond
	dialLimit    = 5 * time.Second
)

// deadline is when an exchange's answer is no longer waited for.
type deadline struct {
	at     time.Duration
	key    uint64
	serial uint64 // tells the exchange from a later one of the same key
}

// line is one connection, shared by many terminals.
type line struct {
	mu      sync.Mutex
	conn    *net.TCPConn // nil while there is none
	raw     syscall.RawConn
	serial  int                 // of the connection
	pending map[uint64]exchange // by terminal and trace number
	// broken are the exchanges whose connection ended, answered those whose terminal has another step to take.
	broken, answered []exchange

	// The rest is used by the schedule's goroutine only.
	out       []byte
	seen      int // the connection that out is for
	wrote     int
	wrong     error
	deadlines []deadline
	head      int
	attempt   func(fd uintptr) bool // writes out to the socket once
}

func newLine() *line {
	l := &line{pending: map[uint64]exchange{}}
	l.attempt = func(fd uintptr) bool {
		l.wrote, l.wrong = syscall.Write(int(fd), l.out)
		return true // It never blocks: what the socket does not take is tried again a little later.
	}
	return l
}

// key identifies what an answer belongs to.
func key(terminal, stan uint32) uint64 { return uint64(terminal)<<20 | uint64(stan) }

// current reports whether the connection is up, and throws away what was to be written to an earlier one: its exchanges
// were handed back when it ended, and the rest of a message must not begin the next connection.
func (l *line) current() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen != l.serial {
		l.out, l.seen = l.out[:0], l.serial
	}
	return l.conn != nil
}

// flush writes what waits, as far as the socket takes it.
func (l *line) flush() {
	if len(l.out) == 0 || !l.current() || len(l.out) == 0 {
		return
	}
	l.mu.Lock()
	raw, serial := l.raw, l.serial
	l.mu.Unlock()
	if raw == nil || serial != l.seen {
		return
	}
	l.wrote, l.wrong = 0, nil
	if err := raw.Write(l.attempt); err != nil {
		return // Closed; the reader notices.
	}
	if l.wrote > 0 {
		l.out = l.out[:copy(l.out, l.out[l.wrote:])]
	}
}

// run connects, reads until the connection ends, and connects again, until ctx ends.
func (l *line) run(ctx context.Context, address string, connected func(), answer func(*line, []byte)) {
	dialer := net.Dialer{Timeout: dialLimit}
	for ctx.Err() == nil {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			await.Pause(ctx.Done(), redial)
			continue
		}
		tcp, is := conn.(*net.TCPConn)
		if !is {
			_ = conn.Close()
			return
		}
		if l.open(tcp) != nil {
			_ = conn.Close()
			continue
		}
		connected()
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		read(conn, func(payload []byte) { answer(l, payload) })
		stop()
		_ = conn.Close()
		l.close()
	}
}

// open takes a new connection into use.
func (l *line) open(conn *net.TCPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.raw = conn, raw
	l.serial++
	return nil
}

// close hands back what was in flight.
func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn, l.raw = nil, nil
	for _, x := range l.pending {
		l.broken = append(l.broken, x)
	}
	clear(l.pending)
}

// read calls answer with every message until the connection ends.
func read(conn net.Conn, answer func(payload []byte)) {
	buffer := make([]byte, readBuffer)
	held := 0
	for {
		n, err := conn.Read(buffer[held:])
		if err != nil {
			return
		}
		rest := buffer[:held+n]
		for {
			payload, after := wire.Next(rest)
			if payload == nil {
				break
			}
			answer(payload)
			rest = after
		}
		held = copy(buffer, rest)
		if held == len(buffer) {
			return // No message is so long.
		}
	}
}
