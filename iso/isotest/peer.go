package isotest

import (
	"bufio"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
)

// dialLimit bounds a test that hangs.
const dialLimit = 20 * time.Second

// Peer is the far end of a connection. Any error on it fails the test.
type Peer struct {
	Conn   net.Conn
	Frames *iso.Reader // what comes in, frame by frame

	t     testing.TB
	codec sealed.Codec
	in    *bufio.Reader
}

// NewPeer takes over a connection, until the test ends.
func NewPeer(t testing.TB, conn net.Conn, codec sealed.Codec) *Peer {
	t.Cleanup(func() { _ = conn.Close() })
	in := bufio.NewReader(conn)
	return &Peer{Conn: conn, Frames: iso.NewReader(in, codec.Framing), t: t, codec: codec, in: in}
}

// Dial connects to a listener on the loopback address, for a bounded time.
func Dial(t testing.TB, address string, codec sealed.Codec) *Peer {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.SetDeadline(time.Now().Add(dialLimit))
	return NewPeer(t, conn, codec)
}

// Frame returns the bytes that Send writes for a message, which it does not change.
func (p *Peer) Frame(m *iso.Message) []byte {
	p.t.Helper()
	frame, err := p.codec.Append(nil, m.Clone(), iso.TPDU{0x60, 1, 2, 3, 4})
	if err != nil {
		p.t.Fatal(err)
	}
	return frame
}

// Write writes bytes as they are.
func (p *Peer) Write(b []byte) {
	p.t.Helper()
	if _, err := p.Conn.Write(b); err != nil {
		p.t.Fatal(err)
	}
}

// Send writes one message.
func (p *Peer) Send(m *iso.Message) {
	p.t.Helper()
	p.Write(p.Frame(m))
}

// Receive reads one message.
func (p *Peer) Receive() *iso.Message {
	p.t.Helper()
	payload, _, err := p.Frames.ReadFrame(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	m := new(iso.Message)
	if err := p.codec.Open(payload, m); err != nil {
		p.t.Fatal(err)
	}
	return m
}

// Ask sends a message and reads its answer.
func (p *Peer) Ask(m *iso.Message) *iso.Message {
	p.t.Helper()
	p.Send(m)
	return p.Receive()
}

// ExpectClosed waits until the other end has closed the connection without a further byte.
func (p *Peer) ExpectClosed() {
	p.t.Helper()
	if _, err := p.in.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Fatalf("the connection is open (%v)", err)
	}
}
