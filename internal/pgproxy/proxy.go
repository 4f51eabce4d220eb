// Package pgproxy sits between a program and PostgreSQL in tests, and breaks the connection at a chosen moment of the
// protocol: around COMMIT, in the middle of a COPY, or without anybody hearing of it.
package pgproxy

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Proxy is one such way to a server. What [Hold] keeps is delivered by Release.
type Proxy struct {
	t        *testing.T
	listener net.Listener
	network  string
	target   string
	mu       sync.Mutex
	rule     Rule
	down     bool
	conns    map[net.Conn]bool
	quiet    map[net.Conn]bool
	Release  chan struct{}
	halfOpen bool   // a server that ends a connection is not heard by the client
	mute     string // the answer to the statement with this text is lost, once
	muted    bool
}

// Rule is what happens to the next COMMIT; later ones pass.
type Rule int

// The rules.
const (
	Pass               Rule = iota
	Drop                    // the server never sees it
	LoseReceipt             // the server does it, the client never hears
	WarnReceipt             // a warning comes between COMMIT and its confirmation
	Hold                    // it is delivered only when the test releases it
	CutAndDown              // the server never sees it and cannot be reached any more
	LoseReceiptAndDown      // the server does it, the client never hears and cannot reach it any more
	loseAll                 // whatever the server says next is lost, and the connection
	armed                   // a rule has fired
)

// Through returns a proxy for the database and the address that leads to it.
func Through(t *testing.T, address string) (*Proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{t: t, listener: l, conns: map[net.Conn]bool{}, quiet: map[net.Conn]bool{}, Release: make(chan struct{})}
	p.network, p.target = targetOf(t, address)
	q := u.Query()
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	go p.serve()
	t.Cleanup(func() { _ = l.Close(); p.Cut() })
	return p, u.String()
}

// Set has a rule decide about the next COMMIT.
func (p *Proxy) Set(r Rule) { p.mu.Lock(); p.rule = r; p.mu.Unlock() }

// Fired reports whether the rule was applied.
func (p *Proxy) Fired() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.rule == armed }

// LoseAnswer has the server do a statement, once it was prepared, and the client never hear of it.
func (p *Proxy) LoseAnswer(text string) { p.mu.Lock(); p.mute = text; p.mu.Unlock() }

// LostAnswer reports whether that answer was lost.
func (p *Proxy) LostAnswer() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.muted }

// mutes reports whether the client sends the statement whose answer is to be lost.
func (p *Proxy) mutes(sent []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mute == "" || !bytes.Contains(sent, []byte(p.mute)) {
		return false
	}
	p.mute, p.muted = "", true
	return true
}

// SetHalfOpen lets the ends of connections go unheard from now on.
func (p *Proxy) SetHalfOpen() { p.mu.Lock(); p.halfOpen = true; p.mu.Unlock() }

// Silence lets the connections that there are carry half of what the client writes next, and nothing more to either side; nobody hears of it.
// New ones work.
func (p *Proxy) Silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		p.quiet[c] = true
	}
}

func (p *Proxy) isQuiet(client net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.quiet[client]
}

// Lead has new connections lead to another server.
func (p *Proxy) Lead(address string) {
	p.t.Helper()
	network, target := targetOf(p.t, address)
	p.mu.Lock()
	p.network, p.target = network, target
	p.mu.Unlock()
}

// targetOf is where the server of an address listens.
func targetOf(t *testing.T, address string) (network, target string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dir, port := u.Query().Get("host"), u.Query().Get("port")
	if dir == "" {
		return "tcp", u.Host
	}
	if port == "" {
		port = u.Port()
	}
	return "unix", dir + "/.s.PGSQL." + port
}

// SetDown has the server be away, or there again.
func (p *Proxy) SetDown(down bool) {
	p.mu.Lock()
	p.down = down
	p.mu.Unlock()
	if down {
		p.Cut()
	}
}

// Cut ends the connections that there are.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.down
		p.conns[client] = true
		network, target := p.network, p.target
		p.mu.Unlock()
		server, err := net.Dial(network, target)
		if refuse || err != nil {
			_ = client.Close()
			continue
		}
		lose := make(chan Rule, 1)
		go p.upstream(client, server, lose)
		go p.downstream(client, server, lose)
	}
}
