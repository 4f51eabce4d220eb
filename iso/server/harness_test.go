package server

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"treasury-switch/iso"
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

// peer is the far end of a connection.
type peer struct {
	t     *testing.T
	conn  net.Conn
	codec sealed.Codec
	in    *iso.Reader
}

// dial connects to a listener in memory.
func (p *pipes) dial(t *testing.T, codec sealed.Codec) *peer {
	t.Helper()
	near, far := net.Pipe()
	p.conns <- far
	return newPeer(t, near, codec)
}

// dialTCP connects to a listener on the loopback address.
func dialTCP(t *testing.T, l net.Listener, codec sealed.Codec) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return newPeer(t, conn, codec)
}

func newPeer(t *testing.T, conn net.Conn, codec sealed.Codec) *peer {
	t.Cleanup(func() { _ = conn.Close() })
	return &peer{t: t, conn: conn, codec: codec, in: iso.NewReader(bufio.NewReader(conn), codec.Framing)}
}

// send writes one message.
func (p *peer) send(m *iso.Message) {
	p.t.Helper()
	frame, err := p.codec.Append(nil, m, iso.TPDU{0x60, 1, 2, 3, 4})
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(frame)
}

// write writes bytes as they are.
func (p *peer) write(b []byte) {
	p.t.Helper()
	if _, err := p.conn.Write(b); err != nil {
		p.t.Fatal(err)
	}
}

// receive reads one message.
func (p *peer) receive() *iso.Message {
	p.t.Helper()
	m, err := p.tryReceive()
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

func (p *peer) tryReceive() (*iso.Message, error) {
	payload, _, err := p.in.ReadFrame(nil)
	if err != nil {
		return nil, err
	}
	m := new(iso.Message)
	return m, p.codec.Open(payload, m)
}

// expectClosed waits until the server has closed the connection.
func (p *peer) expectClosed() {
	p.t.Helper()
	if _, err := p.tryReceive(); err == nil {
		p.t.Fatal("a message came, the connection should have been closed")
	}
}

// running is a server under test.
type running struct {
	*Server
	codec sealed.Codec
	log   *lockedText
}

// start serves a listener with the given settings until the test ends.
func start(t *testing.T, l net.Listener, config Config) *running {
	t.Helper()
	log := &lockedText{}
	config.Name, config.Dialect, config.Direction = "test", iso.TerminalDialect(), iso.ToSwitch
	config.Logger = slog.New(slog.NewTextHandler(log, nil))
	if config.Handler == nil {
		config.Handler = approve
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	codec := sealed.Codec{Dialect: config.Dialect, Framing: config.Framing, MAC: config.MAC}
	return &running{Server: s, codec: codec, log: log}
}

// startTCP is start on a loopback listener.
func startTCP(t *testing.T, config Config) (*running, net.Listener) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
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

// want checks fields of an answer.
func want(t *testing.T, m *iso.Message, mti iso.MTI, fields map[int]string) {
	t.Helper()
	if m.MTI != mti {
		t.Errorf("message type %s, want %s", m.MTI, mti)
	}
	for f, v := range fields {
		if m.Get(f) != v {
			t.Errorf("F%d is %q, want %q", f, m.Get(f), v)
		}
	}
}

// eventually waits for something that another goroutine is about to do, without a
// clock of its own: the test's deadline is the bound.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 5_000_000 {
		if done() {
			return
		}
		runtime.Gosched()
	}
	t.Fatalf("it never came true that %s", what)
}

// lockedText is a log that goroutines may write while a test reads.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
