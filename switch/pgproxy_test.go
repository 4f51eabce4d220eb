package switching

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// pgProxy stands between a recorder and PostgreSQL and breaks the connection at
// a chosen moment of the protocol.
type pgProxy struct {
	t        *testing.T
	listener net.Listener
	network  string
	target   string
	mu       sync.Mutex
	rule     commitRule
	down     bool
	conns    map[net.Conn]bool
	quiet    map[net.Conn]bool
	release  chan struct{}
	halfOpen bool   // a server that ends a connection is not heard by the client
	mute     string // the answer to the statement with this text is lost, once
	muted    bool
}

// commitRule is what happens to the next COMMIT; later ones pass.
type commitRule int

const (
	passCommit         commitRule = iota
	dropCommit                    // the server never sees it
	loseReceipt                   // the server does it, the client never hears
	warnReceipt                   // a warning comes between COMMIT and its confirmation
	holdCommit                    // it is delivered only when the test releases it
	cutAndDown                    // the server never sees it and cannot be reached any more
	loseReceiptAndDown            // the server does it, the client never hears and cannot reach it any more
	loseAll                       // whatever the server says next is lost, and the connection
	armed                         // a rule has fired
)

// through returns a proxy for the database and the address that leads to it.
func through(t *testing.T, address string) (*pgProxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &pgProxy{t: t, listener: l, conns: map[net.Conn]bool{}, quiet: map[net.Conn]bool{}, release: make(chan struct{})}
	p.network, p.target = targetOf(t, address)
	q := u.Query()
	q.Del("host")
	q.Del("port")
	q.Set("sslmode", "disable")
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	go p.serve()
	t.Cleanup(func() { _ = l.Close(); p.cut() })
	return p, u.String()
}

func (p *pgProxy) set(r commitRule) { p.mu.Lock(); p.rule = r; p.mu.Unlock() }

func (p *pgProxy) fired() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.rule == armed }

// loseAnswer has the server do a statement, once it was prepared, and the client never hear of it.
func (p *pgProxy) loseAnswer(text string) { p.mu.Lock(); p.mute = text; p.mu.Unlock() }

func (p *pgProxy) lostAnswer() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.muted }

// mutes says whether the client sends the statement whose answer is to be lost.
func (p *pgProxy) mutes(sent []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mute == "" || !bytes.Contains(sent, []byte(p.mute)) {
		return false
	}
	p.mute, p.muted = "", true
	return true
}

// setHalfOpen lets the ends of connections go unheard from now on.
func (p *pgProxy) setHalfOpen() { p.mu.Lock(); p.halfOpen = true; p.mu.Unlock() }

// silence lets the connections that there are carry half of what the client writes next, and nothing more to either side; nobody hears of it.
// New ones work.
func (p *pgProxy) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		p.quiet[c] = true
	}
}

func (p *pgProxy) isQuiet(client net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.quiet[client]
}

// lead has new connections lead to another server.
func (p *pgProxy) lead(address string) {
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

func (p *pgProxy) setDown(down bool) {
	p.mu.Lock()
	p.down = down
	p.mu.Unlock()
	if down {
		p.cut()
	}
}

func (p *pgProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *pgProxy) serve() {
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
		lose := make(chan commitRule, 1)
		go p.upstream(client, server, lose)
		go p.downstream(client, server, lose)
	}
}

// upstream copies client to server and looks for COMMIT, a prepared statement that
// the recorder sends behind its rows, in the same write.
func (p *pgProxy) upstream(client, server net.Conn, lose chan<- commitRule) {
	defer server.Close()
	buf := make([]byte, 64<<10)
	mute := false
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		if p.isQuiet(client) {
			if half := buf[:n/2]; n > 5 {
				_, _ = server.Write(half)
			}
			<-p.t.Context().Done()
			return
		}
		if mute {
			lose <- loseAll
		}
		mute = p.mutes(buf[:n]) // The statement is prepared by this write and executed by the next.
		rows, rest := buf[:n], []byte(nil)
		if at := bytes.Index(rows, bindCommit); at >= bindHead {
			rows, rest = rows[:at-bindHead], rows[at-bindHead:]
		}
		if _, err := server.Write(rows); err != nil {
			return
		}
		if rest == nil {
			continue
		}
		if !p.onCommit(client, lose) {
			return
		}
		if _, err := server.Write(rest); err != nil {
			return
		}
	}
}

// bindCommit is how the message that binds the statement goes on after its head: the
// unnamed portal and the statement's name.
var bindCommit = []byte("\x00commit\x00")

const bindHead = 5 // type and length

// confirmation is the message CommandComplete of COMMIT.
var confirmation = []byte("C\x00\x00\x00\x0bCOMMIT\x00")

// onCommit applies the rule. It reports whether the server is to see COMMIT.
func (p *pgProxy) onCommit(client net.Conn, lose chan<- commitRule) bool {
	p.mu.Lock()
	rule := p.rule
	if rule != passCommit {
		p.rule = armed
	}
	if rule == cutAndDown || rule == loseReceiptAndDown {
		p.down = true
	}
	p.mu.Unlock()
	switch rule {
	case dropCommit, cutAndDown:
		_ = client.Close()
		return false
	case loseReceipt, loseReceiptAndDown, warnReceipt:
		lose <- rule
	case holdCommit:
		<-p.release
	}
	return true
}

func (p *pgProxy) downstream(client, server net.Conn, lose <-chan commitRule) {
	defer p.hangUp(client)
	rule := passCommit
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		select {
		case rule = <-lose:
		default:
		}
		answers := buf[:n]
		if rule == loseAll {
			return
		}
		if p.isQuiet(client) {
			continue
		}
		if at := bytes.Index(answers, confirmation); at >= 0 && rule != passCommit {
			if rule != warnReceipt {
				return
			}
			answers, rule = slices.Insert(answers, at, warning()...), passCommit // Behind what was done before COMMIT.
		}
		if _, err := client.Write(answers); err != nil {
			return
		}
	}
}

// hangUp tells the client that its server has gone, unless that is not to be heard.
func (p *pgProxy) hangUp(client net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.halfOpen {
		_ = client.Close()
	}
}

// warning is a NoticeResponse as PostgreSQL sends it when the wait for a standby
// is cancelled.
func warning() []byte {
	body := []byte("SWARNING\x00VWARNING\x00C01000\x00Mcanceling wait for synchronous replication due to user request\x00\x00")
	head := binary.BigEndian.AppendUint32([]byte{'N'}, uint32(len(body)+4))
	return append(head, body...)
}

// newRigThrough is a rig whose recorder reaches the database through a proxy.
func newRigThrough(t *testing.T) (*rig, *pgProxy) {
	t.Helper()
	r := newRig(t)
	proxy, address := through(t, r.address)
	r.address = address
	r.stop()
	<-r.stopped
	r.Switch, r.stop, r.stopped = r.node("node-1")
	return r, proxy
}
