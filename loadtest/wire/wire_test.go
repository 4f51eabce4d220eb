package wire

import (
	"maps"
	"strings"
	"testing"
	"time"

	"treasury-switch/identity"
	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/iso/server"
	"treasury-switch/money"
)

// noon is the instant of the messages; past midnight in Tehran dates differ from UTC's.
var noon = time.Date(2026, 11, 24, 21, 15, 7, 0, time.UTC)

func card(t *testing.T, digits string) identity.PAN {
	t.Helper()
	pan, err := identity.ParsePAN(digits)
	if err != nil {
		t.Fatal(err)
	}
	return pan
}

// unpack reads a frame by the product's codec and checks it against the dialect's rules.
func unpack(t *testing.T, frame []byte, direction iso.Direction) *iso.Message {
	t.Helper()
	payload, rest := Next(frame)
	if payload == nil || len(rest) > 0 {
		t.Fatalf("%d bytes are no single frame", len(frame))
	}
	m := new(iso.Message)
	if err := iso.TerminalDialect().Unpack(payload, m); err != nil {
		t.Fatal(err)
	}
	if faults := iso.TerminalDialect().Check(m, direction); len(faults) > 0 {
		t.Fatalf("%s: %v", m.MTI, faults)
	}
	return m
}

// TestTemplatesAreWhatTerminalsSend patches a template made by one terminal into the message of another, and checks it
// against the message that the other makes itself.
func TestTemplatesAreWhatTerminalsSend(t *testing.T) {
	const first, second = "6037990000000014", "6037990000000022"
	model := pos.New("10100001", 101, 0, func() time.Time { return noon.Add(-99 * time.Hour) })
	till := pos.New("10200345", 102, 41, func() time.Time { return noon })
	sale := func(pan string, amount money.Rial) pos.Sale {
		return pos.Sale{Card: card(t, pan), Amount: amount, Service: "COPY", Units: 3}
	}
	stamp := At(noon.Unix())
	later := At(noon.Add(90 * time.Second).Unix())
	var id [8]byte
	var acceptor [15]byte
	var digits [CardDigits]byte
	copy(id[:], till.ID)
	copy(acceptor[:], till.Acceptor)
	copy(digits[:], second)
	bought := till.Purchase(sale(second, 900_000)) // STAN 42
	repeat := bought.Clone()
	repeat.MTI = iso.MTIPurchaseRepeat
	repeat.Set(7, iso.TransmissionTime(noon.Add(90*time.Second)))
	for _, c := range []struct {
		name     string
		template *iso.Message
		want     *iso.Message
		stan     uint32
		sending  Sending
	}{
		{"purchase", model.Purchase(sale(first, 1)), bought, 42, Sending{Card: &digits, Amount: 900_000}},
		{"repeat", model.Purchase(sale(first, 1)), repeat, 42, Sending{Repeat: true, Sent: &later, Card: &digits, Amount: 900_000}},
		{"reversal", model.Reversal(model.Purchase(sale(first, 1)), false), till.Reversal(bought, false), 43, Sending{Amount: 900_000, OriginalSTAN: 42}},
		{"advice", model.Reversal(model.Purchase(sale(first, 1)), true), till.Reversal(bought, true), 44, Sending{Amount: 900_000, OriginalSTAN: 42}},
		{"tariff", model.Tariff("COPY", 3), till.Tariff("COPY", 3), 45, Sending{}},
		{"echo", model.Echo(), till.Echo(), 46, Sending{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			template, err := NewTemplate(c.template)
			if err != nil {
				t.Fatal(err)
			}
			s := c.sending
			if s.Sent == nil {
				s.Sent = &stamp
			}
			s.Local, s.STAN, s.Terminal, s.Acceptor = &stamp, c.stan, &id, &acceptor
			got := unpack(t, template.Append(nil, &s), iso.ToSwitch)
			if got.MTI != c.want.MTI || !maps.Equal(maps.Collect(got.Fields()), maps.Collect(c.want.Fields())) {
				t.Errorf("patched\n%v\nwant\n%v", got, c.want)
			}
		})
	}
}

// TestScan reads answers that the product's codec has packed.
func TestScan(t *testing.T) {
	request := pos.New("10100007", 101, 122, func() time.Time { return noon }).Purchase(
		pos.Sale{Card: card(t, "6037990000000014"), Amount: 1_476_112, Service: "PASSPORT"})
	answer := server.Refuse(iso.TerminalDialect(), request, iso.RC00Approved, nil)
	for field, value := range map[int]string{4: "000001476112", 15: "1124", 37: "523600000001", 38: "000017",
		48: "LIN009fee=10000TRK012987654321012", 49: "364", 90: strings.Repeat("0", 42)} {
		answer.Set(field, value)
	}
	packed, err := iso.TerminalDialect().Pack(nil, answer)
	if err != nil {
		t.Fatal(err)
	}
	var a Answer
	if err := a.Scan(packed); err != nil {
		t.Fatal(err)
	}
	if a.Type != 210 || a.STAN != 123 || a.Terminal != 10100007 || string(a.Code[:]) != "00" || a.Amount != 1_476_112 ||
		string(a.RRN) != "523600000001" {
		t.Errorf("scanned %+v", a)
	}
	if n := testing.AllocsPerRun(100, func() { _ = a.Scan(packed) }); n > 0 {
		t.Errorf("scanning allocates %v times", n)
	}
	for cut := range packed {
		if a.Scan(packed[:cut]) == nil {
			t.Errorf("the first %d bytes of %d are taken for a message", cut, len(packed))
		}
	}
}

// TestNext cuts frames off a stream that comes in pieces.
func TestNext(t *testing.T) {
	stream := []byte{0, 3, 'a', 'b', 'c', 0, 1, 'd', 0, 9, 'e'}
	var got []string
	for payload, rest := Next(stream); payload != nil; payload, rest = Next(rest) {
		got, stream = append(got, string(payload)), rest
	}
	if strings.Join(got, " ") != "abc d" || string(stream) != "\x00\x09e" {
		t.Errorf("cut %q, left %q", got, stream)
	}
}
