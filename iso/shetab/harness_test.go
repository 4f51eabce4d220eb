package shetab

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// TestMain fails the package if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receipt is when the payments of tests were opened: 21 November 2026, 12:15:07 in
// Tehran.
var receipt = time.Date(2026, 11, 21, 8, 45, 7, 0, time.UTC)

// acceptor is how the network knows agency 101 of the tests.
func acceptor(agency int32) Acceptor {
	if agency != 101 {
		return Acceptor{}
	}
	return Acceptor{Name: "پلیس گذرنامه", City: "تهران"}
}

// config is the agreement of the tests.
func config() Config {
	return Config{
		Dialect: iso.ShetabDialect(), Receiver: "999999", Acceptor: acceptor,
		Now: func() time.Time { return receipt },
	}
}

// intent is a payment of a POS terminal for a passport.
func intent() *payment.Intent {
	return &payment.Intent{
		Key: payment.Key{Agency: 101, OpenedOn: calendar.On(2026, 11, 21)},
		Identity: payment.Identity{
			Acquirer: "581672000", Acceptor: "000000000000101", Terminal: "10100001", STAN: "000123",
			LocalDate: calendar.On(2026, 11, 20), LocalTime: "235959",
		},
		Channel: payment.POS, Processing: "000000", First6: "603799", Last4: "0014", RRN: 524400000017, Amount: 1_476_112,
		OpenedAt: receipt, SendBefore: time.Now().Add(time.Hour),
	}
}

// pan is the card of the tests.
func pan(t testing.TB) identity.PAN {
	t.Helper()
	p, err := identity.ParsePAN("6037990000000014")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// debit is the debit of that payment.
func debit(t testing.TB) switching.Debit {
	return switching.Debit{Intent: intent(), Card: switching.Card{PAN: pan(t), Entry: "021"}, SendBefore: time.Now().Add(time.Hour)}
}

// reversal is the reversal of it.
func reversal(t *testing.T) switching.Reversal {
	return switching.Reversal{
		Intent: intent(), PAN: pan(t), Amount: 1_476_112, STAN: 4711, Transmission: receipt.Add(time.Minute),
	}
}

// fakeLinks answers each request by a function and keeps what was asked.
type fakeLinks struct {
	reply      func(*iso.Message) (*iso.Message, error)
	sent       []*iso.Message
	sendBefore time.Time
	signedOn   bool
}

func (f *fakeLinks) Exchange(_ context.Context, m *iso.Message, sendBefore time.Time) (*iso.Message, error) {
	f.sent = append(f.sent, m.Clone())
	f.sendBefore = sendBefore
	return f.reply(m)
}

func (f *fakeLinks) SignedOn() bool { return f.signedOn }

// answering makes a network whose links answer with the echo of the request, the
// business day 1122, and other fields ("" removes one).
func answering(t *testing.T, fields map[int]string) (*Network, *fakeLinks) {
	t.Helper()
	links := &fakeLinks{reply: func(m *iso.Message) (*iso.Message, error) { return answerTo(m, fields), nil }}
	return newNetwork(t, links), links
}

// failing makes a network whose links fail.
func failing(t *testing.T, err error) *Network {
	t.Helper()
	return newNetwork(t, &fakeLinks{reply: func(*iso.Message) (*iso.Message, error) { return nil, err }})
}

func newNetwork(t *testing.T, links Links) *Network {
	t.Helper()
	n, err := New(config(), links)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// answerTo is the network's answer to a message: approved unless fields say otherwise.
func answerTo(m *iso.Message, fields map[int]string) *iso.Message {
	answer := &iso.Message{MTI: m.MTI.Answer()}
	for _, f := range []int{2, 3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49} {
		answer.Set(f, m.Get(f))
	}
	answer.Set(15, "1122")
	answer.Set(33, "999999")
	answer.Set(39, "00")
	for f, v := range fields {
		answer.Set(f, v)
		if v == "" {
			answer.Unset(f)
		}
	}
	return answer
}

// fields gives a message as a map, to compare whole messages.
func fields(m *iso.Message) map[int]string {
	all := map[int]string{}
	for f, v := range m.Fields() {
		all[f] = v
	}
	return all
}

// wantFields compares two messages field by field, both ways.
func wantFields(t *testing.T, m *iso.Message, mti iso.MTI, wanted map[int]string) {
	t.Helper()
	if m.MTI != mti {
		t.Errorf("message type %s, want %s", m.MTI, mti)
	}
	got := fields(m)
	for f, v := range wanted {
		if got[f] != v {
			t.Errorf("F%d is %q, want %q", f, got[f], v)
		}
		delete(got, f)
	}
	for f, v := range got {
		t.Errorf("F%d is there: %q", f, v)
	}
}

// listener is a switch that keeps what it is told.
type listener struct {
	mu      sync.Mutex
	late    []told
	strays  []told // answers that are not about the payment, and late ones to reversals
	undone  []undone
	foreign int
	days    []calendar.Date
	err     func(call int) error // of each call, counted from 1
	hold    chan struct{}        // if set, late answers wait until it is closed
	call    int
}

type told struct {
	agency  int32
	rrn     payment.RRN
	said    payment.Answered
	differs string // from the payment of the tests, or what it was told to differ in
}

// undone is a reversal by the network.
type undone struct {
	told
	advice bool
}

func (l *listener) LateReversalAnswer(_ context.Context, agency int32, rrn payment.RRN, differs func(*payment.Intent, int, time.Time) string) error {
	return l.hear(told{agency: agency, rrn: rrn, differs: differs(intent(), 4711, receipt.Add(time.Minute))})
}

func (l *listener) Contradicted(_ context.Context, agency int32, rrn payment.RRN, differs string) error {
	return l.hear(told{agency: agency, rrn: rrn, differs: differs})
}

// hear keeps what it is told, and says of what differs that it is not about the payment.
func (l *listener) hear(one told) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.fails(); err != nil {
		return err
	}
	l.strays = append(l.strays, one)
	if one.differs != "" {
		return fault.New(fault.Conflict, "it differs in %s", one.differs)
	}
	return nil
}

func (l *listener) NetworkReversal(_ context.Context, agency int32, rrn payment.RRN, advice bool, differs switching.Differs) switching.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := undone{told{agency: agency, rrn: rrn, differs: differs(intent())}, advice}
	l.undone = append(l.undone, one)
	if one.differs != "" {
		return switching.Answer{Code: payment.NoOriginal}
	}
	return switching.Answer{Code: payment.OK, BusinessDay: calendar.On(2026, 11, 22)}
}

func (l *listener) ForeignReversal() switching.Answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.foreign++
	return switching.Answer{Code: payment.NoOriginal}
}

func (l *listener) LateAnswer(ctx context.Context, agency int32, rrn payment.RRN, said payment.Answered, differs switching.Differs) error {
	if l.hold != nil {
		select {
		case <-l.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.fails(); err != nil {
		return err
	}
	one := told{agency, rrn, said, differs(intent())}
	if one.differs != "" {
		l.strays = append(l.strays, one)
		return fault.New(fault.Conflict, "it differs in %s", one.differs)
	}
	l.late = append(l.late, one)
	return nil
}

func (l *listener) OpenDay(_ context.Context, day calendar.Date) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.fails(); err != nil {
		return err
	}
	l.days = append(l.days, day)
	return nil
}

func (l *listener) fails() error {
	l.call++
	if l.err == nil {
		return nil
	}
	return l.err(l.call)
}

// calls is how often it was called.
func (l *listener) calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.call
}

func (l *listener) heard() ([]told, []calendar.Date) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]told(nil), l.late...), append([]calendar.Date(nil), l.days...)
}
