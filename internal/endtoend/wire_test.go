package endtoend

import (
	"bufio"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"treasury-switch/iso"
)

// wire is a bare connection to the program, for bytes that no terminal sends.
type wire struct {
	t    *testing.T
	conn *net.TCPConn
	in   *bufio.Reader
}

// dial connects to where terminals do.
func (r *rig) dial() *wire {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.terminals.Load().(string))
	if err != nil {
		r.t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(askLimit)); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return &wire{t: r.t, conn: conn.(*net.TCPConn), in: bufio.NewReader(conn)}
}

// write sends bytes. That the program has hung up already shows when it is read from.
func (w *wire) write(p []byte) { _, _ = w.conn.Write(p) }

// read reads one answer; nil means that the program has hung up.
func (w *wire) read() *iso.Message {
	w.t.Helper()
	payload, _, err := iso.NewReader(w.in, iso.TerminalDialect().Framing()).ReadFrame(nil)
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		return nil
	}
	if err != nil {
		w.t.Fatalf("neither an answer nor a closed connection: %v", err)
	}
	answer := new(iso.Message)
	if err := iso.TerminalDialect().Unpack(payload, answer); err != nil {
		w.t.Fatalf("the answer cannot be read: %v", err)
	}
	return answer
}

// packed is a message as bytes, without its length.
func packed(t *testing.T, m *iso.Message) []byte {
	t.Helper()
	payload, err := iso.TerminalDialect().Pack(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// framed puts the length before a message.
func framed(t *testing.T, payload []byte) []byte {
	t.Helper()
	frame, err := iso.AppendFrame(nil, payload, iso.TerminalDialect().Framing(), iso.TPDU{})
	if err != nil {
		t.Fatal(err)
	}
	return frame
}
