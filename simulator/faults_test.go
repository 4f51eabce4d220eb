package simulator

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

const goodCard = "6037990000000014"

// setFaults sets faults that must be accepted.
func (p *peer) setFaults(faults Faults) {
	p.t.Helper()
	if err := p.sim.SetFaults(faults); err != nil {
		p.t.Fatal(err)
	}
}

func TestDroppedAnswers(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Drop: 100, On: Purchases})
	asked := p.purchase(goodCard)
	p.send(asked)
	p.awaitDebits(1)
	if code := p.ask(p.reversal(asked)).Get(iso.FieldCode); code != "00" {
		t.Errorf("a reversal out of scope: %s", code)
	}
	if debit := p.onlyDebit(); debit.Answered {
		t.Errorf("debit %+v", debit)
	}
	if left := p.rest(); len(left) != 0 {
		t.Errorf("%d answers, want none", len(left))
	}
}

func TestDuplicatedAnswers(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Duplicate: 100})
	asked := p.purchase(goodCard)
	first, second := p.ask(asked), p.expect()
	for f, value := range first.Fields() {
		if second.Get(f) != value {
			t.Errorf("F%d: %q and %q", f, value, second.Get(f))
		}
	}
	if debit := p.onlyDebit(); debit.Answers != 2 {
		t.Errorf("debit %+v", debit)
	}
}

func TestDelayedAnswers(t *testing.T) {
	for _, test := range []struct {
		ms   int
		want time.Duration
	}{{1500, 1500 * time.Millisecond}, {0, DefaultLate}} {
		p := start(t, nil)
		p.setFaults(Faults{Delay: 100, DelayMS: test.ms})
		asked := p.purchase(goodCard)
		p.send(asked)
		waiting := <-p.timers
		if waiting.delay != test.want || p.onlyDebit().Answered {
			t.Fatalf("delay %s, want %s", waiting.delay, test.want)
		}
		waiting.fire()
		checkAnswer(t, asked, p.expect(), "00")
	}
}

func TestDelayedAnswerOfAConnectionThatHasGone(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Delay: 100})
	p.send(p.purchase(goodCard))
	waiting := <-p.timers
	p.rest()
	waiting.fire()
	if debit := p.onlyDebit(); debit.Answered {
		t.Errorf("answered to nobody: %+v", debit)
	}
}

func TestDisconnects(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Disconnect: 100})
	p.send(p.purchase(goodCard))
	if m, err := p.receive(); err == nil {
		t.Fatalf("received %s", m.MTI)
	} else if timeout := interface{ Timeout() bool }(nil); errors.As(err, &timeout) && timeout.Timeout() {
		t.Fatal("the connection stays open")
	}
	p.setFaults(Faults{})
	p.connect()
	p.ask(p.management(signOn))
	p.ask(p.purchase(goodCard))
	if n := len(p.sim.Ledger().Debits); n != 2 {
		t.Errorf("%d debits, want both", n)
	}
}

// TestCorruptionsShow proves that whoever looks sees each corruption.
func TestCorruptionsShow(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Corrupt: 100})
	seen := map[string]int{}
	for range 60 {
		asked := p.purchase(goodCard)
		p.send(asked)
		answer, err := p.receive()
		if errors.Is(err, io.EOF) {
			t.Fatal("the connection was closed")
		}
		switch faults := iso.ShetabDialect().Check(answer, iso.FromNetwork); {
		case err != nil:
			seen["unreadable"]++
		case answer.Get(iso.FieldSTAN) != asked.Get(iso.FieldSTAN):
			seen["stan"]++
		case len(faults) > 0 && !answer.Has(iso.FieldCode):
			seen["no code"]++
		case len(faults) > 0:
			seen["form"]++
		case answer.Get(iso.FieldAmount) != asked.Get(iso.FieldAmount):
			seen["amount"]++
		default:
			t.Fatal("an answer that was to be corrupted looks good")
		}
	}
	if len(seen) != len(corruptions) {
		t.Errorf("corruptions seen: %v", seen)
	}
	for _, debit := range p.sim.Ledger().Debits {
		if debit.Answered {
			t.Fatalf("a corrupted answer counts: %+v", debit)
		}
	}
}

// TestMisaddressedAnswers: each is of no request, and says the opposite; the right one comes
// behind every other one.
func TestMisaddressedAnswers(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Misaddress: 100})
	const asked, atOnce = 200, 40         // As many as find room in the connection's queue.
	requests := map[string]*iso.Message{} // by F12, which a lie repeats
	var answers []*iso.Message
	for i := range asked {
		if i > 0 && i%atOnce == 0 {
			answers = append(answers, p.rest()...)
			p.connect()
			p.ask(p.management(signOn))
		}
		request := p.purchase(goodCard)
		request.Set(iso.FieldLocalTime, fmt.Sprintf("12%02d%02d", i/60, i%60))
		requests[request.Get(iso.FieldLocalTime)] = request
		p.send(request)
	}
	differing, lies, right := map[int]int{}, 0, 0
	for _, answer := range append(answers, p.rest()...) {
		request, found := requests[answer.Get(iso.FieldLocalTime)], 0
		for _, f := range []int{iso.FieldPAN, iso.FieldProcessing, iso.FieldTransmission, iso.FieldSTAN, iso.FieldAcquirer, iso.FieldRRN, iso.FieldTerminal, iso.FieldAcceptor} {
			if answer.Get(f) != request.Get(f) {
				differing[f]++
				found++
			}
		}
		if code := answer.Get(iso.FieldCode); (code == "51") != (found > 0) {
			t.Fatalf("an answer %s differs in %d fields", code, found)
		}
		if found > 0 {
			lies++
		} else {
			right++
		}
	}
	if lies != asked || right < asked/4 || right > asked*3/4 || len(differing) != 8 {
		t.Errorf("%d lies, %d right answers, differing are %v", lies, right, differing)
	}
}

func TestSeedRepeatsFaults(t *testing.T) {
	faults := Faults{Drop: 10, Delay: 10, Duplicate: 10, Corrupt: 10, Disconnect: 10, Misaddress: 10}
	deal := func(box *faultBox) (all []ailment) {
		for range 1000 {
			what, _, _ := box.deal(Purchases)
			all = append(all, what)
		}
		return all
	}
	equal := func(a, b []ailment) bool { return string(toBytes(a)) == string(toBytes(b)) }
	box := newFaultBox(faults, 7)
	first := deal(box)
	if !equal(first, deal(newFaultBox(faults, 7))) {
		t.Error("the same seed deals other faults")
	}
	if equal(first, deal(newFaultBox(faults, 8))) {
		t.Error("another seed deals the same faults")
	}
	seed := uint64(7)
	again := faults
	again.Seed = &seed
	box.set(again)
	if !equal(first, deal(box)) {
		t.Error("a seed set with the faults does not begin anew")
	}
	counts := map[ailment]int{}
	for _, what := range first {
		counts[what]++
	}
	for what := dropped; what < ailmentCount; what++ {
		if counts[what] < 60 || counts[what] > 140 {
			t.Errorf("%s: %d of 1000, want about 100", ailmentNames[what], counts[what])
		}
	}
}

// toBytes makes ailments comparable.
func toBytes(all []ailment) []byte {
	out := make([]byte, len(all))
	for i, what := range all {
		out[i] = byte(what)
	}
	return out
}

func TestManagementIsNeverSpoilt(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Drop: 100})
	for range 20 {
		p.ask(p.management(echo))
	}
}

func TestFaultsAreChecked(t *testing.T) {
	bad := []Faults{
		{Drop: -1}, {Drop: 101}, {Drop: 60, Delay: 41}, {Drop: 60, Misaddress: 41}, {Misaddress: -1}, {DelayMS: -1}, {DelayMS: 600_001}, {On: "everything"},
		{ReversalCode: "0"}, {ReversalCode: "ZZ"}, {ReversalCount: 1}, {ReversalCode: "30", ReversalCount: -1},
	}
	sim := New(Config{})
	for _, faults := range bad {
		if err := sim.SetFaults(faults); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", faults, err)
		}
		if err := New(Config{Faults: faults}).Start(t.Context()); !fault.Is(err, fault.Invalid) {
			t.Errorf("start with %+v: %v", faults, err)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, config := range map[string]Config{
		"late":          {Late: time.Hour},
		"stale":         {Stale: time.Millisecond},
		"requests":      {MaxRequests: 3},
		"institution":   {Institution: "12A"},
		"long":          {Institution: "123456789012"},
		"negative late": {Late: -1},
	} {
		if err := New(config).Start(t.Context()); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	first := start(t, nil)
	for name, config := range map[string]Config{
		"address in use":         {Address: first.sim.Addr(), ControlAddress: "127.0.0.1:0"},
		"control address in use": {Address: "127.0.0.1:0", ControlAddress: first.sim.ControlAddr()},
	} {
		if err := New(config).Start(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTamperedAnswers lets the program around the simulator answer in its place: later, and otherwise.
func TestTamperedAnswers(t *testing.T) {
	later := make(chan func(), 1)
	p := start(t, func(c *Config) {
		c.Tamper = func(scope Scope, answer *iso.Message, send func(*iso.Message)) bool {
			if scope == Reversals {
				return false
			}
			lie := answer.Clone()
			lie.Set(iso.FieldCode, "51")
			send(lie)
			later <- func() { send(answer) }
			return true
		}
	})
	asked := p.purchase(goodCard)
	if code := p.ask(asked).Get(iso.FieldCode); code != "51" {
		t.Errorf("the first answer is %s, want the lie", code)
	}
	if debit := p.onlyDebit(); debit.Answered {
		t.Error("a lie counts as a faithful answer")
	}
	(<-later)()
	checkAnswer(t, asked, p.expect(), "00")
	if debit := p.onlyDebit(); !debit.Answered {
		t.Error("the answer that was kept back does not count")
	}
	if code := p.ask(p.reversal(asked)).Get(iso.FieldCode); code != "00" {
		t.Errorf("what is left to the simulator is answered %s", code)
	}
}
