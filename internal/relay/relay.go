package relay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connectLimit bounds the connection to the server.
const connectLimit = 5 * time.Second

// Of selects the connections of a fault, by the name that PostgreSQL's clients give (application_name).
type Of string

// Which connections. Clients that say no name are among the others.
const (
	All    Of = "all"
	Lanes  Of = "lanes"  // the recorder's
	Others Of = "others" // all but the recorder's
)

// has reports whether a connection of a name is meant.
func (o Of) has(name string) bool {
	return o == All || (o == Lanes) == strings.Contains(name, " lane ")
}

// Way is a direction of bytes.
type Way int

// The directions.
const (
	Up   Way = 1 << iota // from the client to the server
	Down                 // from the server to the client
	Both = Up | Down
)

// Relay serves clients of one server. Its methods may be called from any goroutine.
type Relay struct {
	listener *net.TCPListener
	target   string
	postgres bool
	waiting  atomic.Int32 // ways on which bytes are held back

	mu       sync.Mutex
	changed  chan struct{} // closed, and made anew, by every change below
	held     map[Of]Way
	refusing bool
	closed   bool
	conns    map[*conn]bool
	trap     *trap
	running  sync.WaitGroup
}

// New serves a plain server: host and port, or the path of a unix socket.
func New(target string) (*Relay, error) { return start(target, false) }

// NewPostgres serves the PostgreSQL server of a database's address, and returns the address that leads through the relay.
func NewPostgres(address string) (*Relay, string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, "", errors.New("relay: the address of the database is not a URL")
	}
	target, query := u.Host, u.Query()
	if folder := query.Get("host"); folder != "" {
		target = folder + "/.s.PGSQL." + cmp.Or(query.Get("port"), u.Port())
	}
	r, err := start(target, true)
	if err != nil {
		return nil, "", err
	}
	query.Del("host")
	query.Del("port")
	query.Set("sslmode", "disable") // The relay has to read what passes.
	u.Host, u.RawQuery = r.Address(), query.Encode()
	return r, u.String(), nil
}

func start(target string, postgres bool) (*Relay, error) {
	config := net.ListenConfig{KeepAlive: -1} // Only what passes through it is to be on the wire.
	l, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("relay to %s: %w", target, err)
	}
	r := &Relay{listener: l.(*net.TCPListener), target: target, postgres: postgres, changed: make(chan struct{}), held: map[Of]Way{},
		conns: map[*conn]bool{}}
	r.running.Go(r.serve)
	return r, nil
}

// Address is where clients connect.
func (r *Relay) Address() string { return r.listener.Addr().String() }

// Close ends every connection and returns when nothing runs any more.
func (r *Relay) Close() error {
	r.change(func() { r.closed = true })
	err := r.listener.Close()
	r.each(All, func(c *conn) { c.end(false) })
	r.running.Wait()
	return err
}

// serve takes connections until the listener is closed.
func (r *Relay) serve() {
	for {
		client, err := r.listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // The client had gone again.
		}
		if r.refuses() {
			reset(client)
			continue
		}
		r.running.Go(func() { r.connect(client) })
	}
}

// connect reaches the server for a client and carries their bytes until one of them ends.
func (r *Relay) connect(client *net.TCPConn) {
	dialer, network := net.Dialer{Timeout: connectLimit, KeepAlive: -1}, "tcp4"
	if strings.HasPrefix(r.target, "/") {
		network = "unix"
	}
	server, err := dialer.Dial(network, r.target)
	if err != nil {
		reset(client)
		return
	}
	c := &conn{relay: r, client: client, server: server, gone: make(chan struct{})}
	if !r.admit(c) {
		c.end(false)
		return
	}
	var both sync.WaitGroup
	both.Go(func() { c.up(); c.end(false) })
	both.Go(func() { c.down(); c.end(false) })
	both.Wait()
	r.change(func() { delete(r.conns, c) })
}

func (r *Relay) admit(c *conn) (welcome bool) {
	r.change(func() {
		if welcome = !r.closed; welcome {
			r.conns[c] = true
		}
	})
	return welcome
}

func (r *Relay) refuses() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refusing
}

// change changes what the connections look at, and has them look.
func (r *Relay) change(do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	do()
	close(r.changed)
	r.changed = make(chan struct{})
}

// each does something to the connections that there are.
func (r *Relay) each(of Of, do func(*conn)) {
	r.mu.Lock()
	var meant []*conn
	for c := range r.conns {
		if of.has(c.name) {
			meant = append(meant, c)
		}
	}
	r.mu.Unlock()
	for _, c := range meant {
		do(c)
	}
}

// Conns counts the connections that there are.
func (r *Relay) Conns(of Of) (n int) {
	r.each(of, func(*conn) { n++ })
	return n
}
