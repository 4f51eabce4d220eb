package network

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/sealed"
)

// TestMain fails the package if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// host is a scripted card network in memory, on synctest's clock. It answers sign-on,
// echo and sign-off by itself unless told otherwise; the test reads every other
// message and sends whatever it likes.
type host struct {
	t      *testing.T
	codec  sealed.Codec
	wrap   func(net.Conn) net.Conn // of the link's end of each connection
	refuse func(address string) error

	mu      sync.Mutex
	silent  map[string]bool   // management codes that get no answer
	code    map[string]string // and those that get another answer than 00
	managed []string          // management codes received, in order
	dials   []string          // address and time of each attempt
	began   time.Time

	conns chan *wire // connections opened, in order
}

// wire is the host's end of one connection.
type wire struct {
	host     *host
	conn     net.Conn
	requests chan *iso.Message // everything but management requests
	writing  chan struct{}     // holds one while a message is written; synctest cannot wait on the pipe's own mutex
}

func newHost(t *testing.T) *host {
	return &host{
		t:      t,
		codec:  sealed.Codec{Dialect: iso.ShetabDialect()},
		silent: make(map[string]bool),
		code:   make(map[string]string),
		began:  time.Now(),
		conns:  make(chan *wire, 64),
	}
}

// dial is the pool's way to the host.
func (h *host) dial(_ context.Context, _, address string) (net.Conn, error) {
	h.mu.Lock()
	h.dials = append(h.dials, fmt.Sprintf("%s %v", address, time.Since(h.began)))
	h.mu.Unlock()
	if h.refuse != nil {
		if err := h.refuse(address); err != nil {
			return nil, err
		}
	}
	near, far := net.Pipe()
	w := &wire{host: h, conn: far, requests: make(chan *iso.Message, 4096), writing: make(chan struct{}, 1)}
	h.t.Cleanup(func() { _ = far.Close() })
	go w.read()
	h.conns <- w
	if h.wrap != nil {
		return h.wrap(near), nil
	}
	return near, nil
}

// read takes in messages until the connection ends.
func (w *wire) read() {
	defer close(w.requests)
	frames := iso.NewReader(bufio.NewReader(w.conn), w.host.codec.Framing)
	for {
		payload, _, err := frames.ReadFrame(nil)
		if err != nil {
			return
		}
		m := new(iso.Message)
		if err := w.host.codec.Open(payload, m); err != nil {
			w.host.t.Errorf("the link sent what cannot be read: %v", err)
			return
		}
		if m.MTI == iso.MTINetwork {
			w.manage(m)
			continue
		}
		w.requests <- m
	}
}

// manage answers an 0800 as the host was told to.
func (w *wire) manage(m *iso.Message) {
	f70 := m.Get(iso.FieldManagement)
	w.host.mu.Lock()
	w.host.managed = append(w.host.managed, f70)
	silent, code := w.host.silent[f70], w.host.code[f70]
	w.host.mu.Unlock()
	if silent {
		return
	}
	if code == "" {
		code = "00"
	}
	answer := &iso.Message{MTI: iso.MTINetworkAnswer}
	w.host.codec.Dialect.Echo(answer, m, 7, 11, 12, 13, 70)
	answer.Set(39, code)
	answer.Set(100, m.Get(33))
	w.trySend(answer)
}

// trySend writes a message, if the connection is still open.
func (w *wire) trySend(m *iso.Message) {
	frame, err := w.host.codec.Append(nil, m, iso.TPDU{})
	if err != nil {
		w.host.t.Errorf("the host cannot pack its message: %v", err)
		return
	}
	_ = w.write(frame)
}

// write writes bytes as they are.
func (w *wire) write(b []byte) error {
	w.writing <- struct{}{}
	defer func() { <-w.writing }()
	_, err := w.conn.Write(b)
	return err
}

// set changes how the host answers a management code: "" for not at all.
func (h *host) set(f70, code string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.silent[f70], h.code[f70] = code == "", code
}

// seen returns the management codes received so far.
func (h *host) seen() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.managed, " ")
}

// attempts returns the address and time of each attempt to connect.
func (h *host) attempts() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.dials)
}

// rig is a running pool with its host and the events it handed on.
type rig struct {
	*Pool
	host   *host
	events chan Event
	log    *isotest.Log
	stop   func() error
}

// start runs a pool of the named links on synctest's clock until the test ends.
func start(t *testing.T, h *host, change func(*PoolConfig), names ...string) *rig {
	t.Helper()
	r := &rig{host: h, events: make(chan Event, 4096), log: &isotest.Log{}}
	config := PoolConfig{
		Dial:   h.dial,
		Events: func(e Event) { r.events <- e },
		Random: func(n int64) int64 { return n - 1 },
		Logger: slog.New(slog.NewTextHandler(r.log, nil)),
	}
	for _, name := range names {
		config.Links = append(config.Links, Config{
			Name: name, Addresses: []string{name + ":1"}, Dialect: iso.ShetabDialect(),
			Institution: "581672041", Network: "581672000", MAC: h.codec.MAC,
		})
	}
	if change != nil {
		change(&config)
	}
	pool, err := NewPool(config)
	if err != nil {
		t.Fatal(err)
	}
	r.Pool = pool
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- pool.Run(ctx) }()
	r.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = r.stop() })
	synctest.Wait()
	return r
}

// single runs a pool of one link, a, and gives the host's end of its connection.
func single(t *testing.T, change func(*PoolConfig)) (*rig, *wire) {
	t.Helper()
	r := start(t, newHost(t), change, "a")
	return r, <-r.host.conns
}

// purchase is a 0200 with the given trace number.
func purchase(stan int) *iso.Message {
	m := &iso.Message{MTI: iso.MTIPurchase}
	for f, v := range map[int]string{2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121084500",
		12: "121500", 13: "1121", 32: "581672041", 37: "000000000001", 41: "10100001", 42: "000000000000101", 49: "364"} {
		m.Set(f, v)
	}
	m.Set(11, fmt.Sprintf("%06d", stan))
	return m
}

// answerTo approves a 0200 or 0420.
func answerTo(m *iso.Message) *iso.Message {
	answer := m.Clone()
	answer.MTI = m.MTI.Answer()
	answer.Set(15, "1121")
	answer.Set(33, "581672000")
	answer.Set(39, "00")
	return answer
}

// outcome is how an exchange ended.
type outcome struct {
	answer *iso.Message
	err    error
}

// exchange begins an exchange and returns where its outcome will come.
func (r *rig) exchange(m *iso.Message, sendBefore time.Time) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		answer, err := r.Exchange(context.Background(), m, sendBefore)
		done <- outcome{answer, err}
	}()
	synctest.Wait()
	return done
}

// next returns the next event, passing over those of the links' own life.
func (r *rig) next(t *testing.T) Event {
	t.Helper()
	synctest.Wait()
	for {
		select {
		case e := <-r.events:
			if e.Kind != SignedOn && e.Kind != LinkDown {
				return e
			}
		default:
			t.Fatal("there was no event")
		}
	}
}

// expect checks how an exchange ended: with an answer if want is nil.
func expect(t *testing.T, done <-chan outcome, want error) outcome {
	t.Helper()
	got := <-done
	if !errors.Is(got.err, want) || (want == nil) != (got.answer != nil) {
		t.Errorf("the exchange ended with %v, want %v", got.err, want)
	}
	for _, other := range []error{ErrNotSent, ErrNoAnswer, ErrUntrusted} {
		if want != nil && !errors.Is(other, want) && !errors.Is(want, ErrDuplicate) && errors.Is(got.err, other) {
			t.Errorf("the error is two things at once: %v", got.err)
		}
	}
	return got
}
