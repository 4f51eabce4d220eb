package terminal

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// TestMain fails the package if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receipt is when messages of tests arrive: 21 November 2026, 12:15 in Tehran.
var receipt = time.Date(2026, 11, 21, 8, 45, 0, 0, time.UTC)

// fakeSwitch answers everything alike and keeps what it was asked.
type fakeSwitch struct {
	answer switching.Answer
	bug    bool          // it panics
	hold   chan struct{} // if set, purchases wait until it is closed
	begun  chan struct{} // if set, told of each purchase before it waits

	mu        sync.Mutex
	purchases []switching.Purchase
	reversals []switching.ReversalRequest
	inquiries []switching.Inquiry
	statuses  []switching.StatusInquiry
	cancelled int // contexts that had ended when the purchase was finished
}

func (f *fakeSwitch) Purchase(ctx context.Context, r *switching.Purchase) switching.Answer {
	if f.begun != nil {
		f.begun <- struct{}{}
	}
	if f.hold != nil {
		<-f.hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.breaks()
	if ctx.Err() != nil {
		f.cancelled++
	}
	f.purchases = append(f.purchases, *r)
	return f.answer
}

func (f *fakeSwitch) Reverse(_ context.Context, r *switching.ReversalRequest) switching.Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.breaks()
	f.reversals = append(f.reversals, *r)
	return f.answer
}

func (f *fakeSwitch) Inquire(_ context.Context, r *switching.Inquiry) switching.Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.breaks()
	f.inquiries = append(f.inquiries, *r)
	return f.answer
}

func (f *fakeSwitch) Status(_ context.Context, r *switching.StatusInquiry) switching.Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.breaks()
	f.statuses = append(f.statuses, *r)
	return f.answer
}

func (f *fakeSwitch) breaks() {
	if f.bug {
		panic("made to fail")
	}
}

// calls is how often the switch was asked anything.
func (f *fakeSwitch) calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.purchases) + len(f.reversals) + len(f.inquiries) + len(f.statuses)
}

// rig is a channel with a fake switch behind it.
type rig struct {
	*Channel
	t   *testing.T
	sw  *fakeSwitch
	log *isotest.Log

	alarms  atomic.Int32
	mu      sync.Mutex
	refused []Refusal
}

// observe keeps what the channel tells of refusals.
func (r *rig) observe(f Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = append(r.refused, f)
}

// newRig makes a channel whose switch gives one answer, and which knows the
// terminals 1010....
func newRig(t *testing.T, answer switching.Answer) *rig {
	t.Helper()
	r := &rig{t: t, sw: &fakeSwitch{answer: answer}, log: &isotest.Log{}}
	var err error
	r.Channel, err = New(Config{
		Dialect: iso.TerminalDialect(), Switch: r.sw, Acquirer: "581672000",
		Known:   func(id string) bool { return strings.HasPrefix(id, "1010") },
		Today:   func(string) calendar.Date { return calendar.On(2026, 11, 22) },
		Observe: r.observe,
		Alarm:   func() { r.alarms.Add(1) },
		Now:     func() time.Time { return receipt },
		Logger:  r.log.Logger(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ask sends a message through pack, unpack and the rules of the dialect, as the
// listener does, and holds the answer against the rules for answers.
func (r *rig) ask(m *iso.Message, untrusted ...bool) *iso.Message {
	r.t.Helper()
	raw, err := iso.TerminalDialect().Pack(nil, m)
	if err != nil {
		r.t.Fatalf("the test's own message: %v", err)
	}
	return r.askRaw(raw, len(untrusted) > 0)
}

func (r *rig) askRaw(raw []byte, untrusted bool) *iso.Message {
	r.t.Helper()
	d, in := iso.TerminalDialect(), new(iso.Message)
	var faults iso.Faults
	if err := d.Unpack(raw, in); err != nil {
		failed := err.(*iso.UnpackError)
		faults = iso.Faults{{Field: failed.Field, Reason: failed.Reason, Code: iso.RC30FormatError}}
	} else {
		faults = d.Check(in, iso.ToSwitch)
	}
	var out *iso.Message
	switch {
	case untrusted && faults.Code() != iso.RC30FormatError:
		out = r.Untrusted(r.t.Context(), nil, in)
	case len(faults) > 0:
		out = r.Malformed(r.t.Context(), nil, in, faults)
	default:
		out = r.Handle(r.t.Context(), nil, in)
	}
	if out == nil {
		return nil
	}
	if len(faults) == 0 {
		r.complete(out)
	}
	return r.checked(out)
}

// complete holds that an answer to a message that was read has all its fields, also with a code
// that need not.
func (r *rig) complete(out *iso.Message) {
	r.t.Helper()
	if out.Get(39) == string(iso.RC09InProgress) {
		r.checked(with(out, map[int]string{39: string(iso.RC91Inoperative)}))
	}
}

// toldOf is what a message is told that is refused with a code at the edge.
func toldOf(m *iso.Message, code string) string {
	if m.MTI == iso.MTIPurchase || m.Get(3) == iso.ProcessingTariff {
		return code
	}
	return "09"
}

// checked packs and reads an answer, and holds it against the dialect's rules. A
// value that is refused, such as a foreign currency, is repeated, and totals are not
// served, so that there are none to tell; every other fault is ours.
func (r *rig) checked(out *iso.Message) *iso.Message {
	r.t.Helper()
	d := iso.TerminalDialect()
	raw, err := d.Pack(nil, out)
	if err != nil {
		r.t.Fatalf("the answer cannot be packed: %v", err)
	}
	read := new(iso.Message)
	if err := d.Unpack(raw, read); err != nil {
		r.t.Fatalf("the answer cannot be read: %v", err)
	}
	if faults := d.Check(read, iso.ToTerminal); faults.Code() == iso.RC30FormatError && out.MTI != iso.MTITotalsAnswer {
		r.t.Errorf("the answer breaks the dialect's rules: %v", faults)
	}
	return read
}

// message builds a message from its fields.
func message(mti iso.MTI, fields map[int]string) *iso.Message {
	m := &iso.Message{MTI: mti}
	for f, v := range fields {
		m.Set(f, v)
	}
	return m
}

// with gives a copy of a message with other fields; "" removes one.
func with(m *iso.Message, fields map[int]string) *iso.Message {
	m = m.Clone()
	for f, v := range fields {
		if v == "" {
			m.Unset(f)
			continue
		}
		m.Set(f, v)
	}
	return m
}

// purchase is a 0200 for a passport.
func purchase() *iso.Message {
	return message(iso.MTIPurchase, map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121084500", 11: "000123", 12: "121459", 13: "1121",
		22: "021", 25: "14", 37: "000000000777", 41: "10100001", 42: "000000000000101", 48: "SVC008PASSPORT", 49: "364",
	})
}

// approved is what the switch says of it.
func approved() switching.Answer {
	return switching.Answer{
		Code: payment.OK, RRN: 524400000017, Tracking: "0524410000000174", Approval: "123456",
		BusinessDay: calendar.On(2026, 11, 22), Amount: 1_476_112,
		Lines: []payment.Line{
			{Component: "identity", Amount: 10_000, Citation: "قانون وصول برخی از درآمدهای دولت ماده 9"},
			{Component: "municipality", Amount: 37_500},
			{Component: "treasury", Amount: 1_000_000},
			{Component: "office", Amount: 428_612},
		},
	}
}
