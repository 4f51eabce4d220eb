package simulator

import (
	"testing"
	"time"

	"treasury-switch/identity"
	"treasury-switch/iso"
)

func TestKeys(t *testing.T) {
	key, fits := keyOf("581672000", "10100001", "000002", stampNow)
	padded, same := keyOf("00581672000", "10100001", "000002", stampNow)
	if !fits || !same || key != padded {
		t.Error("zeros before an acquirer make another key")
	}
	seen := map[requestKey]bool{key: true}
	for _, test := range []struct {
		acquirer, terminal, stan, stamp string
		fits                            bool
	}{
		{"581672001", "10100001", "000002", stampNow, true},
		{"581672000", "10100002", "000002", stampNow, true},
		{"581672000", "10100001", "000003", stampNow, true},
		{"581672000", "10100001", "000002", "1121083001", true},
		{"000581672000", "10100001", "000002", stampNow, false},
		{"581672000", "101000012", "000002", stampNow, false},
		{"581672000", "1010000", "000002", stampNow, false},
		{"581672000", "10100001", "0000022", stampNow, false},
		{"581672000", "10100001", "00002", stampNow, false},
		{"581672000", "10100001", "000002", stampNow + "0", false},
		{"581672000", "10100001", "000002", stampNow[1:], false},
	} {
		key, fits := keyOf(test.acquirer, test.terminal, test.stan, test.stamp)
		if fits != test.fits || seen[key] {
			t.Errorf("%+v: fits %v, seen before %v", test, fits, seen[key])
		}
		if fits {
			seen[key] = true
		}
	}
}

// TestEveryTextOfTheWireFits checks the places for texts against the dialect: what
// it lets through fits, also where it is as long or as short as can be.
func TestEveryTextOfTheWireFits(t *testing.T) {
	p := &peer{t: t, sim: New(Config{Now: func() time.Time { return noon }})}
	for _, field := range []int{iso.FieldAcquirer, iso.FieldTerminal, iso.FieldSTAN, iso.FieldTransmission, iso.FieldRRN, iso.FieldAcceptor} {
		for length := range 50 {
			m := p.purchase(goodCard)
			text := make([]byte, length)
			for i := range text {
				text[i] = "1121083000"[i%10]
			}
			m.Set(field, string(text))
			if len(iso.ShetabDialect().Check(m, iso.ToNetwork)) > 0 {
				continue
			}
			if _, refusal := p.sim.parsePurchase(m); refusal != "" {
				t.Errorf("F%d of %d characters is refused with %s", field, length, refusal)
			}
		}
	}
	m := p.purchase(goodCard)
	m.Set(iso.FieldTerminal, "1010000")
	if _, refusal := p.sim.parsePurchase(m); refusal != iso.RC30FormatError {
		t.Errorf("a terminal that does not fit gives %q", refusal)
	}
}

func TestRequestReadsAsItWasEntered(t *testing.T) {
	card, err := identity.ParsePAN(goodCard)
	if err != nil {
		t.Fatal(err)
	}
	for _, acquirer := range []string{"7", "0581672000", "00000000000", "58167200012"} {
		r := request{sequence: 9, card: card, amount: 12, day: today, at: noon.UnixNano() + 1, code: approved,
			answers: 2, answeredAt: noon.UnixNano() + 2, reversals: 3, reversed: true, reversedAt: noon.UnixNano() + 3}
		if !r.name(acquirer, "T 100001", "000002", stampNow, "5A0000000002", "acceptor  00101") {
			t.Fatalf("a request of acquirer %s does not fit", acquirer)
		}
		d := r.debit(noon.Location())
		answered, reversed := noon.Add(2), noon.Add(3)
		if *d.AnsweredAt != answered || *d.ReversedAt != reversed {
			t.Errorf("answered at %v, reversed at %v", d.AnsweredAt, d.ReversedAt)
		}
		d.AnsweredAt, d.ReversedAt = nil, nil
		want := Debit{Sequence: 9, PAN: card, Amount: 12, Acquirer: acquirer, Terminal: "T 100001", Acceptor: "acceptor  00101",
			STAN: "000002", Transmission: stampNow, RRN: "5A0000000002", Day: today, State: Reversed, Answered: true,
			Answers: 2, Reversals: 3, DebitedAt: noon.Add(1)}
		if d != want {
			t.Errorf("debit %+v, want %+v", d, want)
		}
	}
}
