package server

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/sealed"
)

// TestMain fails the package if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipes is a listener in memory, so that tests can run on synctest's clock.
type pipes struct {
	conns  chan net.Conn
	faults chan error // returned by Accept before any connection
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), faults: make(chan error, 64), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case err := <-p.faults:
		return nil, err
	default:
	}
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// dial connects to a listener in memory.
func (p *pipes) dial(t *testing.T, codec sealed.Codec) *isotest.Peer {
	t.Helper()
	near, far := net.Pipe()
	p.conns <- far
	return isotest.NewPeer(t, near, codec)
}

// dialTCP connects to a listener on the loopback address.
func dialTCP(t *testing.T, l net.Listener, codec sealed.Codec) *isotest.Peer {
	t.Helper()
	return isotest.Dial(t, l.Addr().String(), codec)
}

// running is a server under test.
type running struct {
	*Server
	codec sealed.Codec
	log   *isotest.Log
}

// start serves a listener with the given settings until the test ends.
func start(t *testing.T, l net.Listener, config Config) *running {
	t.Helper()
	log := &isotest.Log{}
	config.Name, config.Dialect, config.Direction = "test", iso.TerminalDialect(), iso.ToSwitch
	config.Logger = log.Logger()
	if config.Handler == nil {
		config.Handler = approve
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	isotest.Serve(t, s, l)
	codec := sealed.Codec{Dialect: config.Dialect, Framing: config.Framing, MAC: config.MAC}
	return &running{Server: s, codec: codec, log: log}
}

// startTCP is start on a loopback listener.
func startTCP(t *testing.T, config Config) (*running, net.Listener) {
	t.Helper()
	l := isotest.Listen(t)
	return start(t, l, config), l
}

// approve answers everything 00.
func approve(_ context.Context, _ *Session, m *iso.Message) *iso.Message {
	return Refuse(iso.TerminalDialect(), m, iso.RC00Approved, nil)
}

// echo is an 0800/301 with the given trace number.
func echo(stan int) *iso.Message {
	m := &iso.Message{MTI: iso.MTINetwork}
	m.Set(7, "1121084500")
	m.Set(11, fmt.Sprintf("%06d", stan))
	m.Set(12, "121500")
	m.Set(13, "1121")
	m.Set(41, "10100001")
	m.Set(42, "000000000000101")
	m.Set(70, "301")
	return m
}
