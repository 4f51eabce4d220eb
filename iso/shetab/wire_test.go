package shetab

import (
	"context"
	"errors"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// host is a card network on the loopback address.
type host struct {
	t       *testing.T
	server  *server.Server
	address string
	// answer gives the answer to a financial message; nil answers none.
	answer   func(*server.Session, *iso.Message) *iso.Message
	sessions chan *server.Session // of each sign-on
	answered chan *iso.Message    // if set, gets our answers to the network's requests
}

// newHost serves until the test ends. Faults of our messages fail the test.
func newHost(t *testing.T, answer func(*server.Session, *iso.Message) *iso.Message) *host {
	t.Helper()
	h := &host{t: t, answer: answer, sessions: make(chan *server.Session, 4)}
	var err error
	h.server, err = server.New(server.Config{
		Name: "host", Dialect: iso.ShetabDialect(), Direction: iso.ToNetwork, Handler: h.handle,
		Malformed: func(_ context.Context, _ *server.Session, m *iso.Message, faults iso.Faults) *iso.Message {
			t.Errorf("%s breaks the agreement: %v", m.MTI, faults)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	socket := isotest.Listen(t)
	isotest.Serve(t, h.server, socket)
	h.address = socket.Addr().String()
	return h
}

func (h *host) handle(_ context.Context, s *server.Session, m *iso.Message) *iso.Message {
	switch {
	case m.MTI.IsAnswer():
		if h.answered != nil {
			h.answered <- m.Clone()
		}
		return nil
	case m.MTI != iso.MTINetwork:
		return h.answer(s, m)
	}
	answer := server.Refuse(iso.ShetabDialect(), m, iso.RC00Approved, nil)
	answer.Set(100, "999999")
	if m.Get(70) == iso.FunctionSignOn {
		h.sessions <- s
	}
	return answer
}

// link is our side: a pool with one link, the network over it, and the inbox.
type link struct {
	*Network
	inbox    *Inbox
	listener *listener
	session  *server.Session
}

// connect links to a host and waits until the link is signed on.
func connect(t *testing.T, h *host) *link {
	t.Helper()
	l := &link{listener: &listener{}}
	var err error
	if l.inbox, err = NewInbox(InboxConfig{Dialect: iso.ShetabDialect(), Institution: "581672001", Now: func() time.Time { return receipt }}); err != nil {
		t.Fatal(err)
	}
	pool, err := network.NewPool(network.PoolConfig{
		Links: []network.Config{{
			Name: "a", Addresses: []string{h.address}, Dialect: iso.ShetabDialect(), Institution: "581672000", Network: "999999",
			DrainTimeout: time.Second,
		}},
		Events: l.inbox.Receive,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Network = newNetwork(t, pool)
	if _, err := l.Authorise(t.Context(), debit(t)); !fault.Is(err, fault.Unavailable) || l.Ready() {
		t.Errorf("C5: without a link: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); l.inbox.Run(ctx, l.listener) }()
	running := make(chan error, 1)
	go func() { running <- pool.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-running; err != nil {
			t.Errorf("Run: %v", err)
		}
		<-ended
	})
	l.session = <-h.sessions
	isotest.Eventually(t, "the link is ready", l.Ready)
	return l
}

// approve is the answer of a network that debits.
func approve(_ *server.Session, m *iso.Message) *iso.Message {
	return answerTo(m, map[int]string{38: "123456"})
}

// TestOverTheWire: a debit and its reversal, with real bytes both ways.
func TestOverTheWire(t *testing.T) {
	l := connect(t, newHost(t, approve))
	said, err := l.Authorise(t.Context(), debit(t))
	wanted := payment.Answered{Word: payment.SaidApproved, Code: "00", Approval: "123456", Amount: 1_476_112, Currency: true,
		Day: calendar.On(2026, 11, 22)}
	if err != nil || said != wanted {
		t.Errorf("%+v, %v, want %+v", said, err, wanted)
	}
	undone, err := l.Reverse(t.Context(), reversal(t))
	if err != nil || undone.Word != payment.ReversalDone {
		t.Errorf("%+v, %v", undone, err)
	}
}

// TestC8_TooLateToSend: nothing leaves after send-before, and that is certain.
func TestC8_TooLateToSend(t *testing.T) {
	l := connect(t, newHost(t, func(_ *server.Session, m *iso.Message) *iso.Message {
		t.Errorf("%s was sent", m.MTI)
		return nil
	}))
	d := debit(t)
	d.SendBefore = time.Now().Add(-time.Nanosecond)
	if _, err := l.Authorise(t.Context(), d); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

// TestD3_LateApproval: the caller is told that the outcome is unknown, and the answer
// that comes then finds its payment.
func TestD3_LateApproval(t *testing.T) {
	ctx, giveUp := context.WithCancel(t.Context())
	release := make(chan struct{})
	l := connect(t, newHost(t, func(s *server.Session, m *iso.Message) *iso.Message {
		giveUp()
		<-release
		return approve(s, m)
	}))
	_, err := l.Authorise(ctx, debit(t))
	if !fault.Is(err, fault.Unknown) || errors.Is(err, switching.ErrUntrusted) {
		t.Errorf("D1: got %v", err)
	}
	close(release)
	isotest.Eventually(t, "the late answer reaches its payment", func() bool { late, _ := l.listener.heard(); return len(late) == 1 })
	late, _ := l.listener.heard()
	if late[0].agency != 101 || late[0].rrn != 524400000017 || late[0].said.Word != payment.SaidApproved {
		t.Errorf("heard %+v", late)
	}
}

// TestD6_DuplicateApproval: the first answers, the second is evidence.
func TestD6_DuplicateApproval(t *testing.T) {
	l := connect(t, newHost(t, func(s *server.Session, m *iso.Message) *iso.Message {
		if err := s.Send(approve(s, m)); err != nil {
			t.Error(err)
		}
		return approve(s, m)
	}))
	if _, err := l.Authorise(t.Context(), debit(t)); err != nil {
		t.Fatal(err)
	}
	isotest.Eventually(t, "the second reaches its payment", func() bool { late, _ := l.listener.heard(); return len(late) == 1 })
}

// TestD10_MalformedAnswer cannot be trusted, and the outcome is unknown.
func TestD10_MalformedAnswer(t *testing.T) {
	ctx, giveUp := context.WithCancel(t.Context())
	l := connect(t, newHost(t, func(s *server.Session, m *iso.Message) *iso.Message {
		return answerTo(m, map[int]string{4: "", 15: ""})
	}))
	go func() {
		isotest.Eventually(t, "the answer is distrusted", func() bool { return l.inbox.Counts()[Distrusted] == 1 })
		giveUp()
	}()
	_, err := l.Authorise(ctx, debit(t))
	if !fault.Is(err, fault.Unknown) || !errors.Is(err, switching.ErrUntrusted) {
		t.Errorf("got %v", err)
	}
}

// TestD15_CutOver: the network's 0800/201 opens its day.
func TestD15_CutOver(t *testing.T) {
	l := connect(t, newHost(t, approve))
	m := &iso.Message{MTI: iso.MTINetwork}
	for f, v := range map[int]string{7: "1121203000", 11: "000001", 12: "000000", 13: "1122", 15: "1122", 33: "999999", 70: "201"} {
		m.Set(f, v)
	}
	if err := l.session.Send(m); err != nil {
		t.Fatal(err)
	}
	isotest.Eventually(t, "the day is open", func() bool { _, days := l.listener.heard(); return len(days) == 1 })
	if _, days := l.listener.heard(); days[0] != calendar.On(2026, 11, 22) {
		t.Errorf("opened %v", days)
	}
}
