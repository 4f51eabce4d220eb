package endtoend

import (
	"bufio"
	"net"
	"sync"
	"testing"

	"treasury-switch/internal/node"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
)

// host is a card network that writes what a test says, byte by byte. It signs links on and
// answers echoes by itself, and takes reversals.
type host struct {
	t      *testing.T
	socket net.Listener

	mu      sync.Mutex
	debit   func(*link, *iso.Message) // what it does with a 0200
	reverse func(*link, *iso.Message) // and with a 0420 or 0421; nil answers 00
	undone  []*iso.Message            // reversals that it took
	answers chan *iso.Message         // to its own requests
	links   []*link
}

// link is its end of a connection.
type link struct {
	host *host
	conn net.Conn
	mu   sync.Mutex
}

// newHost listens until the test ends.
func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{t: t, socket: isotest.Listen(t), answers: make(chan *iso.Message, 16)}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := h.socket.Accept()
			if err != nil {
				return
			}
			l := &link{host: h, conn: conn}
			h.mu.Lock()
			h.links = append(h.links, l)
			h.mu.Unlock()
			running.Go(l.serve)
		}
	})
	t.Cleanup(func() {
		_ = h.socket.Close()
		h.mu.Lock()
		for _, l := range h.links {
			_ = l.conn.Close()
		}
		h.mu.Unlock()
		running.Wait()
	})
	return h
}

// serve reads messages until the connection ends.
func (l *link) serve() {
	frames := iso.NewReader(bufio.NewReader(l.conn), iso.ShetabDialect().Framing())
	for {
		payload, _, err := frames.ReadFrame(nil)
		if err != nil {
			return
		}
		m := new(iso.Message)
		if err := iso.ShetabDialect().Unpack(payload, m); err != nil {
			l.host.t.Errorf("the switch sent what cannot be read: %v", err)
			return
		}
		l.take(m)
	}
}

// take does what a network does, but for debits, which are the test's.
func (l *link) take(m *iso.Message) {
	h := l.host
	h.mu.Lock()
	debit, reverse := h.debit, h.reverse
	if m.MTI.Original() == iso.MTIReversalAdvice {
		h.undone = append(h.undone, m)
	}
	h.mu.Unlock()
	switch {
	case m.MTI.IsAnswer():
		h.answers <- m
	case m.MTI == iso.MTINetwork:
		answer := &iso.Message{MTI: iso.MTINetworkAnswer}
		iso.ShetabDialect().Echo(answer, m, 7, 11, 12, 13, 70)
		answer.Set(39, "00")
		answer.Set(100, "999999")
		l.send(answer)
	case m.MTI == iso.MTIPurchase:
		debit(l, m)
	case reverse != nil:
		reverse(l, m)
	default:
		l.send(answerTo(m, nil))
	}
}

// answerTo is the network's answer 00 to a message, with other fields.
func answerTo(m *iso.Message, fields map[int]string) *iso.Message {
	answer := &iso.Message{MTI: m.MTI.Answer()}
	iso.ShetabDialect().Echo(answer, m, 2, 3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49)
	answer.Set(15, m.Get(13))
	answer.Set(33, "999999")
	answer.Set(39, "00")
	for f, v := range fields {
		answer.Set(f, v)
	}
	return answer
}

// send writes a message.
func (l *link) send(m *iso.Message) {
	packed, err := iso.ShetabDialect().Pack(nil, m)
	if err == nil {
		packed, err = iso.AppendFrame(nil, packed, iso.ShetabDialect().Framing(), iso.TPDU{})
	}
	if err != nil {
		l.host.t.Errorf("the host cannot pack its message: %v", err)
		return
	}
	l.write(packed)
}

// write writes bytes as they are. A connection that has gone shows when it is read from.
func (l *link) write(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.conn.Write(p)
}

// debits changes what the host does with a 0200.
func (h *host) debits(f func(*link, *iso.Message)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.debit = f
}

// reverses changes what the host does with a reversal.
func (h *host) reverses(f func(*link, *iso.Message)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reverse = f
}

// reversalsOf is how many messages took back the debit of a 0200.
func (h *host) reversalsOf(debit *iso.Message) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, m := range h.undone {
		if original, err := iso.ParseOriginalData(m.Get(90)); err == nil && original.STAN == debit.Get(11) && original.Stamp == debit.Get(7) {
			n++
		}
	}
	return n
}

// first is a link that is connected.
func (h *host) first() *link {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.links[len(h.links)-1]
}

// startOn brings up a switch on a scripted network, until the test ends.
func startOn(t *testing.T, h *host, change func(*node.Config)) *node.Node {
	t.Helper()
	config := nodeConfig(t, h.socket.Addr().String())
	if change != nil {
		change(&config)
	}
	n, err := node.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return n
}
