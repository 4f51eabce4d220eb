package simulator

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"

	"treasury-switch/calendar"
	"treasury-switch/iso"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	today = calendar.On(2026, time.November, 21)
	noon  = time.Date(2026, time.November, 21, 12, 0, 0, 0, calendar.Tehran)
)

// stampNow is noon as F7, in UTC.
const stampNow = "1121083000"

// patience bounds what a test waits for; nothing waits that long unless it fails.
const patience = 10 * time.Second

// timer is one call of Config.After, fired by the test.
type timer struct {
	delay time.Duration
	fire  func()
}

// peer is a switch that talks to a simulator of its own, at noon.
type peer struct {
	t      testing.TB
	sim    *Simulator
	conn   *net.TCPConn
	frames *iso.Reader
	timers chan timer
	stan   int
}

// start starts a simulator and signs on to it. change may be nil.
func start(t testing.TB, change func(*Config)) *peer {
	t.Helper()
	p := &peer{t: t, timers: make(chan timer, 16)}
	config := Config{
		Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0", Day: today,
		Now: func() time.Time { return noon },
		After: func(d time.Duration, f func()) func() bool {
			p.timers <- timer{d, f}
			return func() bool { return true }
		},
	}
	if change != nil {
		change(&config)
	}
	p.sim = New(config)
	if err := p.sim.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.sim.Close(); err != nil {
			t.Error(err)
		}
	})
	p.connect()
	if code := p.ask(p.management(signOn)).Get(iso.FieldCode); code != "00" {
		t.Fatalf("sign-on: %s", code)
	}
	return p
}

// connect opens the connection, or another one.
func (p *peer) connect() {
	p.t.Helper()
	conn, err := net.DialTimeout("tcp", p.sim.Addr(), patience)
	if err != nil {
		p.t.Fatal(err)
	}
	p.conn = conn.(*net.TCPConn)
	p.frames = iso.NewReader(bufio.NewReader(conn), iso.ShetabDialect().Framing())
	p.t.Cleanup(func() { _ = conn.Close() })
}

// send writes one message.
func (p *peer) send(m *iso.Message) {
	p.t.Helper()
	dialect := iso.ShetabDialect()
	packed, err := dialect.Pack(nil, m)
	if err != nil {
		p.t.Fatal(err)
	}
	frame, err := iso.AppendFrame(nil, packed, dialect.Framing(), iso.TPDU{})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.conn.Write(frame); err != nil {
		p.t.Fatal(err)
	}
}

// receive reads one message; the error of reading or unpacking is given back.
func (p *peer) receive() (*iso.Message, error) {
	p.t.Helper()
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	packed, _, err := p.frames.ReadFrame(nil)
	if err != nil {
		return nil, err
	}
	m := new(iso.Message)
	return m, iso.ShetabDialect().Unpack(packed, m)
}

// expect reads one message that must be good by the dialect.
func (p *peer) expect() *iso.Message {
	p.t.Helper()
	m, err := p.receive()
	if err != nil {
		p.t.Fatal(err)
	}
	if faults := iso.ShetabDialect().Check(m, iso.FromNetwork); len(faults) > 0 {
		p.t.Fatalf("%s breaks the dialect: %v", m.MTI, faults)
	}
	return m
}

// ask sends a message and reads its answer.
func (p *peer) ask(m *iso.Message) *iso.Message {
	p.t.Helper()
	p.send(m)
	answer := p.expect()
	if answer.MTI != m.MTI.Answer() || answer.Get(iso.FieldSTAN) != m.Get(iso.FieldSTAN) {
		p.t.Fatalf("%s %s answers %s %s", answer.MTI, answer.Get(iso.FieldSTAN), m.MTI, m.Get(iso.FieldSTAN))
	}
	return answer
}

// rest ends the sending and reads everything that still comes: the server answers
// what it has read and then closes, so nothing more can follow.
func (p *peer) rest() []*iso.Message {
	p.t.Helper()
	if err := p.conn.CloseWrite(); err != nil {
		p.t.Fatal(err)
	}
	var all []*iso.Message
	for {
		m, err := p.receive()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			p.t.Fatal(err)
		}
		all = append(all, m)
	}
}

// head is what every message carries.
func (p *peer) head(mti iso.MTI) *iso.Message {
	p.stan++
	m := &iso.Message{MTI: mti}
	m.Set(iso.FieldTransmission, stampNow)
	m.Set(iso.FieldSTAN, fmt.Sprintf("%06d", p.stan))
	m.Set(iso.FieldLocalTime, "120000")
	m.Set(iso.FieldLocalDate, "1121")
	return m
}

// management is an 0800.
func (p *peer) management(code string) *iso.Message {
	m := p.head(iso.MTINetwork)
	m.Set(iso.FieldForwarder, "581672000")
	m.Set(iso.FieldManagement, code)
	return m
}

// purchase is a good 0200 of 1,476,112 rial.
func (p *peer) purchase(card string) *iso.Message {
	m := p.head(iso.MTIPurchase)
	for f, value := range map[int]string{
		iso.FieldPAN: card, iso.FieldProcessing: "000000", iso.FieldAmount: "000001476112", 17: "1121", 18: "9399", 19: "364",
		22: "021", 25: "14", 26: "12", iso.FieldAcquirer: "581672000", iso.FieldRRN: fmt.Sprintf("5%011d", p.stan),
		iso.FieldTerminal: "10100001", iso.FieldAcceptor: "000000000000101", 43: fmt.Sprintf("%40s", ""),
		48: "  000000        0000000000000000000000000000", iso.FieldCurrency: "364", iso.FieldReceiver: "581672000",
	} {
		m.Set(f, value)
	}
	return m
}

// reversal is the 0420 of a purchase, with a STAN of its own.
func (p *peer) reversal(original *iso.Message) *iso.Message {
	m := p.head(iso.MTIReversalAdvice)
	for _, f := range []int{iso.FieldPAN, iso.FieldProcessing, iso.FieldAmount, 17, iso.FieldAcquirer, iso.FieldRRN, iso.FieldTerminal,
		iso.FieldAcceptor, iso.FieldCurrency, iso.FieldReceiver} {
		m.Set(f, original.Get(f))
	}
	m.Set(iso.FieldOriginal, iso.OriginalData{MTI: original.MTI, STAN: original.Get(iso.FieldSTAN),
		Stamp: original.Get(iso.FieldTransmission), Acquirer: original.Get(iso.FieldAcquirer)}.Format())
	return m
}

// onlyDebit is the single debit of the ledger.
func (p *peer) onlyDebit() Debit {
	p.t.Helper()
	ledger := p.sim.Ledger()
	if len(ledger.Debits) != 1 {
		p.t.Fatalf("%d debits, want 1", len(ledger.Debits))
	}
	return ledger.Debits[0]
}

// awaitDebits waits until the ledger holds n debits. Messages are handled
// concurrently, so those without an answer must be waited for.
func (p *peer) awaitDebits(n int) {
	p.t.Helper()
	for deadline := time.Now().Add(patience); len(p.sim.Ledger().Debits) != n; runtime.Gosched() {
		if time.Now().After(deadline) {
			p.t.Fatalf("%d debits, want %d", len(p.sim.Ledger().Debits), n)
		}
	}
}
