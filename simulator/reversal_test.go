package simulator

import (
	"testing"

	"treasury-switch/iso"
)

func TestReversal(t *testing.T) {
	p := start(t, nil)
	asked := p.purchase("6037990000000014")
	p.ask(asked)
	reversal := p.reversal(asked)
	if answer := p.ask(reversal); answer.Get(iso.FieldCode) != "00" || answer.MTI != iso.MTIReversalAdviceAnswer {
		t.Fatalf("reversal: %s %s", answer.MTI, answer.Get(iso.FieldCode))
	}
	repeat := reversal.Clone()
	repeat.MTI = iso.MTIReversalAdviceRepeat
	if code := p.ask(repeat).Get(iso.FieldCode); code != "21" {
		t.Errorf("repeat of a reversal: %s", code)
	}
	debit := p.onlyDebit()
	if debit.State != Reversed || debit.ReversedAt == nil || debit.Reversals != 2 {
		t.Errorf("debit %+v", debit)
	}
	// The original's repeat is answered as before and does not debit again.
	if code := p.ask(asked).Get(iso.FieldCode); code != "00" || p.onlyDebit().State != Reversed {
		t.Errorf("original again: %s, %+v", code, p.onlyDebit())
	}
	totals := p.sim.Ledger().Totals
	if totals.Debited != 0 || totals.Reversed != 1 || totals.ReversedAmount != 1_476_112 {
		t.Errorf("totals %+v", totals)
	}
}

func TestReversalOfWhatWasNeverAnswered(t *testing.T) {
	p := start(t, nil)
	silent, ignored := p.purchase("6219860000000688"), p.purchase("6274120000000960")
	declined := p.purchase("6104330000000516")
	p.send(silent)
	p.send(ignored)
	p.ask(declined)
	p.awaitDebits(1)
	for _, test := range []struct {
		name     string
		original *iso.Message
		code     string
	}{
		{"debited, not answered", silent, "00"},
		{"not debited, not answered", ignored, "25"},
		{"declined", declined, "21"},
	} {
		if code := p.ask(p.reversal(test.original)).Get(iso.FieldCode); code != test.code {
			t.Errorf("%s: %s, want %s", test.name, code, test.code)
		}
	}
	if totals := p.sim.Ledger().Totals; totals.NotFound != 1 || totals.Declined != 1 || totals.Reversed != 1 {
		t.Errorf("totals %+v", totals)
	}
}

func TestReversalOvertakesItsOriginal(t *testing.T) {
	p := start(t, nil)
	asked := p.purchase("6037990000000014")
	reversal := p.reversal(asked)
	if code := p.ask(reversal).Get(iso.FieldCode); code != "25" {
		t.Fatalf("reversal first: %s", code)
	}
	if code := p.ask(asked).Get(iso.FieldCode); code != "00" {
		t.Fatalf("original after its reversal: %s", code)
	}
	if debit := p.onlyDebit(); debit.State != Debited {
		t.Fatalf("debit %+v", debit)
	}
	reversal.MTI = iso.MTIReversalAdviceRepeat
	if code := p.ask(reversal).Get(iso.FieldCode); code != "00" || p.onlyDebit().State != Reversed {
		t.Fatalf("repeat of the reversal: %s", code)
	}
}

func TestReversalMustNameItsOriginal(t *testing.T) {
	p := start(t, nil)
	asked := p.purchase("6037990000000014")
	p.ask(asked)
	original := func(change func(*iso.OriginalData)) func(*iso.Message) {
		return func(m *iso.Message) {
			data, err := iso.ParseOriginalData(m.Get(iso.FieldOriginal))
			if err != nil {
				t.Fatal(err)
			}
			change(&data)
			m.Set(iso.FieldOriginal, data.Format())
		}
	}
	tests := []struct {
		name   string
		change func(*iso.Message)
		code   string
	}{
		{"other STAN", original(func(o *iso.OriginalData) { o.STAN = "999999" }), "25"},
		{"other F7", original(func(o *iso.OriginalData) { o.Stamp = "1121083001" }), "25"},
		{"unknown F7", original(func(o *iso.OriginalData) { o.Stamp = "0000000000" }), "25"},
		{"other acquirer", original(func(o *iso.OriginalData) { o.Acquirer = "627412" }), "25"},
		{"an original that is no purchase", original(func(o *iso.OriginalData) { o.MTI = 100 }), "25"},
		{"other terminal", func(m *iso.Message) { m.Set(iso.FieldTerminal, "10100002") }, "25"},
		{"other amount", func(m *iso.Message) { m.Set(iso.FieldAmount, "000000000001") }, "30"},
		{"other card", func(m *iso.Message) { m.Set(iso.FieldPAN, "6037990000000022") }, "30"},
		{"part of the amount", func(m *iso.Message) { m.Set(iso.FieldReplacement, "000000000001") }, "30"},
		{"acquirer only in F32", original(func(o *iso.OriginalData) { o.Acquirer = "" }), "00"},
	}
	for _, test := range tests {
		reversal := p.reversal(asked)
		test.change(reversal)
		if code := p.ask(reversal).Get(iso.FieldCode); code != test.code {
			t.Errorf("%s: %s, want %s", test.name, code, test.code)
		}
		if live := p.onlyDebit().State == Debited; live != (test.code != "00") {
			t.Errorf("%s: the debit is %s", test.name, p.onlyDebit().State)
		}
	}
}

func TestReversalCodes(t *testing.T) {
	p := start(t, nil)
	asked := p.purchase("6037990000000014")
	p.ask(asked)
	if err := p.sim.SetFaults(Faults{ReversalCode: "96", ReversalCount: 2}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"96", "96", "00"} {
		if left := p.sim.Faults().ReversalCount; left != max(0, 2-i) {
			t.Errorf("%d left before reversal %d", left, i)
		}
		if code := p.ask(p.reversal(asked)).Get(iso.FieldCode); code != want {
			t.Errorf("reversal %d: %s, want %s", i, code, want)
		}
	}
	if debit := p.onlyDebit(); debit.Reversals != 1 {
		t.Errorf("a refused reversal was carried out: %+v", debit)
	}
	if err := p.sim.SetFaults(Faults{ReversalCode: "30"}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if code := p.ask(p.reversal(asked)).Get(iso.FieldCode); code != "30" {
			t.Errorf("without a count: %s", code)
		}
	}
}
