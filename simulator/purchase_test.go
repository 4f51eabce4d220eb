package simulator

import (
	"testing"
	"time"

	"treasury-switch/iso"
)

func TestCards(t *testing.T) {
	tests := []struct {
		card    string
		code    string // "": no answer
		copies  int
		debited bool
	}{
		{"6037990000000014", "00", 1, true},
		{"6037990000000022", "00", 1, true},
		{"6104330000000516", "51", 1, false},
		{"5892100000000552", "55", 1, false},
		{"6273530000000540", "54", 1, false},
		{"5022290000000612", "61", 1, false},
		{"6037690000000911", "91", 1, false},
		{"6219860000000688", "", 0, true},
		{"6274120000000960", "", 0, false},
		{"6037990000000949", "00", 2, true},
		{"6104331234567890", "00", 1, true},  // another card of a known issuer
		{"9999990000000006", "15", 1, false}, // an unknown issuer
		{"6219861034529008", "14", 1, false}, // a wrong check digit
	}
	for _, test := range tests {
		t.Run(test.card, func(t *testing.T) {
			p := start(t, nil)
			asked := p.purchase(test.card)
			p.send(asked)
			answers := p.rest()
			if len(answers) != test.copies {
				t.Fatalf("%d answers, want %d", len(answers), test.copies)
			}
			for _, answer := range answers {
				checkAnswer(t, asked, answer, test.code)
			}
			ledger := p.sim.Ledger()
			if debited := len(ledger.Debits) == 1; debited != test.debited {
				t.Fatalf("debited: %v, want %v", debited, test.debited)
			}
			if test.debited {
				checkDebit(t, ledger.Debits[0], test.card, test.copies)
			}
		})
	}
}

// checkAnswer checks an answer against its request.
func checkAnswer(t *testing.T, asked, answer *iso.Message, code string) {
	t.Helper()
	if faults := iso.ShetabDialect().Check(answer, iso.FromNetwork); len(faults) > 0 {
		t.Fatalf("the answer breaks the dialect: %v", faults)
	}
	for _, f := range echoed {
		if answer.Get(f) != asked.Get(f) {
			t.Errorf("F%d is %q, asked %q", f, answer.Get(f), asked.Get(f))
		}
	}
	if answer.Get(iso.FieldCode) != code || answer.Get(iso.FieldSettlement) != "1121" {
		t.Errorf("F39 %s, F15 %s, want %s on 1121", answer.Get(iso.FieldCode), answer.Get(iso.FieldSettlement), code)
	}
	if answer.Has(iso.FieldApproval) != (code == "00") {
		t.Errorf("approval code %q with F39 %s", answer.Get(iso.FieldApproval), code)
	}
}

// checkDebit checks the ledger against the request that start makes first.
func checkDebit(t *testing.T, debit Debit, card string, copies int) {
	t.Helper()
	if debit.PAN.Reveal() != card || debit.Amount != 1_476_112 || debit.STAN != "000002" ||
		debit.Transmission != stampNow || debit.Terminal != "10100001" || debit.RRN != "500000000002" ||
		debit.Acquirer != "581672000" || debit.Acceptor != "000000000000101" || debit.Day != today {
		t.Errorf("debit %+v", debit)
	}
	if debit.State != Debited || debit.Answers != copies || debit.Answered != (copies > 0) ||
		!debit.DebitedAt.Equal(noon) || debit.ReversedAt != nil {
		t.Errorf("debit %+v", debit)
	}
}

func TestLateCard(t *testing.T) {
	p := start(t, func(c *Config) { c.Late = 12 * time.Second })
	asked := p.purchase("6221060000000699")
	p.send(asked)
	waiting := <-p.timers
	if waiting.delay != 12*time.Second {
		t.Fatalf("answers after %s", waiting.delay)
	}
	if debit := p.onlyDebit(); debit.Answered || p.sim.Ledger().Totals.Waiting != 1 {
		t.Fatalf("answered before its time: %+v", debit)
	}
	waiting.fire()
	checkAnswer(t, asked, p.expect(), "00")
	if debit := p.onlyDebit(); !debit.Answered || p.sim.Ledger().Totals.Waiting != 0 {
		t.Fatalf("not answered: %+v", debit)
	}
}

func TestLateAnswerIsStoppedByClose(t *testing.T) {
	p := start(t, func(c *Config) { c.After = nil }) // a real timer of 35 s
	p.send(p.purchase("6221060000000699"))
	p.ask(p.management(echo))
	if left := p.rest(); len(left) != 0 {
		t.Fatalf("%d answers at once", len(left))
	}
	if err := p.sim.Close(); err != nil {
		t.Fatal(err)
	}
	if debit := p.onlyDebit(); debit.Answered || p.sim.Ledger().Totals.Waiting != 0 {
		t.Fatalf("answered by closing, or still to be answered: %+v", debit)
	}
}

func TestSameKeyIsDebitedOnce(t *testing.T) {
	p := start(t, nil)
	asked := p.purchase("6037990000000014")
	first := p.ask(asked)
	if _, err := p.sim.CutOver(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	p.expect() // the 0800 of the cut-over
	again := p.ask(asked)
	for f, value := range first.Fields() {
		if again.Get(f) != value {
			t.Errorf("F%d is %q at first and %q again", f, value, again.Get(f))
		}
	}
	if debit := p.onlyDebit(); debit.Answers != 2 {
		t.Errorf("debit %+v", debit)
	}
	for name, change := range map[string]func(*iso.Message){
		"amount": func(m *iso.Message) { m.Set(iso.FieldAmount, "000001476113") },
		"card":   func(m *iso.Message) { m.Set(iso.FieldPAN, "6037990000000022") },
	} {
		other := asked.Clone()
		change(other)
		if code := p.ask(other).Get(iso.FieldCode); code != "94" {
			t.Errorf("same key, other %s: %s", name, code)
		}
	}
	if debit := p.onlyDebit(); debit.Amount != 1_476_112 || debit.State != Debited {
		t.Errorf("debit %+v", debit)
	}
	for f, value := range map[int]string{iso.FieldTerminal: "10100002", iso.FieldTransmission: "1121083001", iso.FieldAcquirer: "581672001"} {
		other := asked.Clone()
		other.Set(f, value)
		if code := p.ask(other).Get(iso.FieldCode); code != "00" {
			t.Errorf("other F%d: %s", f, code)
		}
	}
	if n := len(p.sim.Ledger().Debits); n != 4 {
		t.Errorf("%d debits of 4 keys", n)
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		name   string
		change func(*iso.Message)
		code   string
	}{
		{"F7 a second too old", func(m *iso.Message) { m.Set(iso.FieldTransmission, "1121082859") }, "12"},
		{"F7 a second too young", func(m *iso.Message) { m.Set(iso.FieldTransmission, "1121083101") }, "12"},
		{"F7 of last year's day", func(m *iso.Message) { m.Set(iso.FieldTransmission, "0101000000") }, "12"},
		{"F7 just fresh", func(m *iso.Message) { m.Set(iso.FieldTransmission, "1121082900") }, "00"},
		{"bill payment", func(m *iso.Message) { m.Set(iso.FieldProcessing, "170000") }, "00"},
		{"refund", func(m *iso.Message) { m.Set(iso.FieldProcessing, "200000") }, "12"},
		{"amount zero", func(m *iso.Message) { m.Set(iso.FieldAmount, "000000000000") }, "13"},
		{"currency", func(m *iso.Message) { m.Set(iso.FieldCurrency, "840") }, "12"},
		{"no card", func(m *iso.Message) { m.Unset(iso.FieldPAN) }, "30"},
		{"bad F7", func(m *iso.Message) { m.Set(iso.FieldTransmission, "9921083000") }, "30"},
	}
	p := start(t, nil)
	want := 0
	for _, test := range tests {
		asked := p.purchase("6037990000000014")
		test.change(asked)
		p.send(asked)
		answer, err := p.receive()
		if err != nil {
			t.Fatal(err)
		}
		if answer.Get(iso.FieldCode) != test.code || answer.MTI != iso.MTIPurchaseAnswer {
			t.Errorf("%s: %s %s, want %s", test.name, answer.MTI, answer.Get(iso.FieldCode), test.code)
		}
		if test.code == "00" {
			want++
		}
	}
	if n := len(p.sim.Ledger().Debits); n != want {
		t.Errorf("%d debits, want %d", n, want)
	}
}

func TestStaleAcrossNewYear(t *testing.T) {
	midnight := time.Date(2027, time.January, 1, 0, 0, 10, 0, time.UTC)
	sim := New(Config{Stale: time.Minute})
	if sim.stale("1231235950", midnight) || sim.stale("0101000050", midnight) {
		t.Error("a fresh F7 around new year is taken for stale")
	}
	if !sim.stale("1231235900", midnight) || !sim.stale("0229000000", midnight) {
		t.Error("a stale F7 around new year is taken for fresh")
	}
}

func TestSignOnIsNeeded(t *testing.T) {
	p := start(t, nil)
	p.connect()
	if code := p.ask(p.purchase("6037990000000014")).Get(iso.FieldCode); code != "91" {
		t.Errorf("before sign-on: %s", code)
	}
	if code := p.ask(p.management(echo)).Get(iso.FieldCode); code != "00" {
		t.Errorf("echo: %s", code)
	}
	p.ask(p.management(signOn))
	p.ask(p.management(signOn)) // twice is no harm
	if code := p.ask(p.purchase("6037990000000014")).Get(iso.FieldCode); code != "00" {
		t.Errorf("after sign-on: %s", code)
	}
	p.ask(p.management(signOff))
	if code := p.ask(p.purchase("6037990000000014")).Get(iso.FieldCode); code != "91" {
		t.Errorf("after sign-off: %s", code)
	}
	p.onlyDebit()
}
