package iso

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"treasury-switch/identity"
	"treasury-switch/money"
)

var (
	sampleTrace  = Trace{Transmission: "1121102233", STAN: "000123", LocalTime: "135233", LocalDate: "1121"}
	sampleOrigin = Origin{Acquirer: "581672000", Terminal: "10100001", Acceptor: "000000000000101"}
	sampleSource = OriginalData{MTI: MTIPurchase, STAN: "000122", Stamp: "1121102230", Acquirer: "581672000"}
)

func samplePAN(t testing.TB) identity.PAN {
	p, err := identity.ParsePAN("6037990000000014")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// coded is what every message struct can do.
type coded interface {
	Encode(*Message)
	Decode(*Message) Faults
}

// messageSample is a message struct, and where it travels as which type.
type messageSample struct {
	dialect   *Dialect
	direction Direction
	mti       MTI
	message   coded
}

func messageSamples(t *testing.T) []messageSample {
	terminal, shetab, pan := TerminalDialect(), ShetabDialect(), samplePAN(t)
	track, err := identity.ParseTrack2("6037990000000014=07011234567890")
	if err != nil {
		t.Fatal(err)
	}
	pin, err := identity.ParsePINBlock("0123456789ABCDEF")
	if err != nil {
		t.Fatal(err)
	}
	f48 := identity.NewSecret("SVC008PASSPORT")
	return []messageSample{
		{terminal, ToSwitch, 100, &TariffInquiry{Trace: sampleTrace, Origin: sampleOrigin, TerminalType: TerminalPOS, Amount: 5, MerchantType: "9399", EntryMode: "021", Private: f48}},
		{terminal, ToSwitch, 100, &StatusInquiry{Trace: sampleTrace, Origin: sampleOrigin, Original: sampleSource}},
		{terminal, ToSwitch, 100, &StatusInquiry{Trace: sampleTrace, Origin: sampleOrigin, Original: sampleSource, Amount: 5_000, PAN: pan}},
		{terminal, ToSwitch, 200, &Purchase{Trace: sampleTrace, Origin: sampleOrigin, Card: Card{PAN: pan, Track2: track, Expiry: identity.NewSecret("0701"), PINBlock: pin, Security: identity.NewSecret("0000000000000001"), ChipData: identity.NewSecret("\x9f\x26\x00")},
			Processing: ProcessingPurchase, Amount: 1476112, EntryMode: "021", CardSequence: "001", TerminalType: TerminalPOS, RRN: "000000000123", Private: f48}},
		{shetab, ToNetwork, 200, &Purchase{Trace: sampleTrace, Origin: sampleOrigin, Card: Card{PAN: pan}, Processing: ProcessingPurchase, Amount: money.MaxPayment, Capture: "1121",
			MerchantType: "9399", Country: CountryIran, EntryMode: "021", TerminalType: TerminalPOS, PINCapture: "12", RRN: "540900000123",
			Place: shetab.EncodePlace(Place{"اداره گذرنامه", "تهران", "TEH", "IR"}), Private: f48, Receiver: "603799"}},
		{terminal, ToSwitch, 201, &Purchase{Repeat: true, Trace: sampleTrace, Origin: sampleOrigin, Card: Card{PAN: pan}, Processing: ProcessingBill, Amount: 1, EntryMode: "021", TerminalType: TerminalKiosk, Private: f48}},
		{terminal, ToTerminal, 210, &PurchaseAnswer{Trace: sampleTrace, Origin: sampleOrigin, Processing: ProcessingPurchase, Amount: 1476112, Settlement: "1121", RRN: "540900000123", Approval: "123456", Code: RC00Approved, Private: f48}},
		{shetab, FromNetwork, 210, &PurchaseAnswer{Trace: sampleTrace, Origin: sampleOrigin, PAN: pan, Processing: ProcessingPurchase, Amount: 1476112, Settlement: "1121", Forwarder: "581672000", RRN: "540900000123",
			Code: RC51InsufficientFunds, Additional: "x", Balances: identity.NewSecret("0"), ChipData: identity.NewSecret("\x8a\x00")}},
		{terminal, ToSwitch, 400, &Reversal{Trace: sampleTrace, Origin: sampleOrigin, Processing: ProcessingPurchase, Amount: 1476112, Original: sampleSource}},
		{shetab, ToNetwork, 421, &Reversal{Advice: true, Repeat: true, Trace: sampleTrace, Origin: sampleOrigin, PAN: pan, Processing: ProcessingPurchase, Amount: 1476112, Capture: "1121", RRN: "540900000123",
			Original: sampleSource, Replacement: "000000000400000000000500000000000000000000", Receiver: "603799"}},
		{terminal, ToTerminal, 430, &ReversalAnswer{Advice: true, Trace: sampleTrace, Origin: sampleOrigin, Processing: ProcessingPurchase, Amount: 1, Code: RC00Approved, Original: sampleSource}},
		{shetab, FromNetwork, 410, &ReversalAnswer{Trace: sampleTrace, Origin: sampleOrigin, PAN: pan, Processing: ProcessingPurchase, Amount: 1, Settlement: "1122", Forwarder: "581672000", RRN: "540900000123", Code: RC25OriginalNotFound}},
		{terminal, ToSwitch, 800, &NetworkManagement{Trace: sampleTrace, Function: FunctionSignOn, Terminal: "10100001", Acceptor: "000000000000101"}},
		{shetab, FromNetwork, 800, &NetworkManagement{Trace: sampleTrace, Function: FunctionMACKey, Settlement: "1121", Forwarder: "581672000", Security: identity.NewSecret("0000000000000001"), Key: identity.NewSecret("\x01\x02\x03\x04\x05\x06\x07\x08")}},
	}
}

// TestMessagesComeBackAsTheyWere encodes each struct, sends it over its wire,
// checks it there and decodes it into a fresh struct.
func TestMessagesComeBackAsTheyWere(t *testing.T) {
	for _, test := range messageSamples(t) {
		t.Run(fmt.Sprintf("%s %T", test.mti, test.message), func(t *testing.T) {
			m, back := *canaryMessage(), Message{} // What it held before must be gone.
			m.MTI = 999
			test.message.Encode(&m)
			if faults := test.dialect.Check(&m, test.direction); faults != nil || m.MTI != test.mti {
				t.Fatalf("%s has faults: %v", m.MTI, faults)
			}
			packed, err := test.dialect.Pack(nil, &m)
			if err != nil {
				t.Fatal(err)
			}
			if err := test.dialect.Unpack(packed, &back); err != nil {
				t.Fatal(err)
			}
			fresh := reflect.New(reflect.TypeOf(test.message).Elem()).Interface().(coded)
			if faults := fresh.Decode(&back); faults != nil {
				t.Fatalf("decodes with faults: %v", faults)
			}
			if !reflect.DeepEqual(fresh, test.message) {
				t.Errorf("came back as %+v\nwas          %+v", fresh, test.message)
			}
		})
	}
}

// TestDecodeNamesEveryFault decodes messages that no check has seen.
func TestDecodeNamesEveryFault(t *testing.T) {
	for _, message := range []coded{
		new(TariffInquiry), new(StatusInquiry), new(Purchase), new(PurchaseAnswer),
		new(Reversal), new(ReversalAnswer), new(NetworkManagement),
	} {
		faults := message.Decode(&Message{MTI: 999})
		if faults.Code() != RC30FormatError || !faults.name(0) || !faults.name(7) || !faults.name(11) || !faults.name(13) {
			t.Errorf("%T: %v", message, faults)
		}
	}
}

func TestPurchaseCards(t *testing.T) {
	const good, other, luhn = "6037990000000014", "6037990000000022", "6037990000000015"
	for _, test := range []struct {
		name, pan, track string
		code             Code
		read             bool
	}{
		{"card number", good, "", "", true},
		{"track", "", good + "=0701", "", true},
		{"both", good, good + "=0701", "", true},
		{"another card on the track", good, other + "=0701", RC14InvalidCard, true},
		{"wrong check digit", luhn, "", RC14InvalidCard, false},
		{"wrong check digit on the track", "", luhn + "=0701", RC14InvalidCard, false},
		{"malformed", "603799", "", RC30FormatError, false},
		{"malformed track", "", good, RC30FormatError, false},
		{"neither", "", "", RC30FormatError, false},
	} {
		m := samplePurchase()
		m.Unset(2)
		m.Unset(35)
		m.setIf(2, test.pan)
		m.setIf(35, test.track)
		var p Purchase
		if faults := p.Decode(m); faults.Code() != test.code || p.PAN.IsZero() == test.read || p.STAN != "000123" {
			t.Errorf("%s: %v, card %s", test.name, faults, p.PAN)
		}
	}
}

// TestReversalCards: the card is that of F2, of the track where F2 is absent, or not known.
func TestReversalCards(t *testing.T) {
	const card = "6037990000000014"
	for name, test := range map[string]struct{ pan, track, want string }{
		"card number": {card, "", card}, "track": {"", card + "=0701", card}, "both": {card, card + "=0701", card}, "neither": {"", "", ""},
	} {
		var m Message
		(&Reversal{Trace: sampleTrace, Origin: sampleOrigin, Processing: ProcessingPurchase, Amount: 1, Original: sampleSource}).Encode(&m)
		m.setIf(2, test.pan)
		m.setIf(35, test.track)
		var r Reversal
		if faults := r.Decode(&m); faults.Code() != "" || r.PAN.Reveal() != test.want {
			t.Errorf("%s: %v, card %s", name, faults, r.PAN)
		}
	}
}

// TestEmptyOriginalHasNoStamp, nor has one of ten zeros.
func TestEmptyOriginalHasNoStamp(t *testing.T) {
	for stamp, want := range map[string]bool{"": false, noStamp: false, "1121102230": true} {
		if got := (OriginalData{Stamp: stamp}).HasStamp(); got != want {
			t.Errorf("%q is a time: %t", stamp, got)
		}
	}
}

// TestMustClose: without message type or bitmap nobody knows where the message ends.
func TestMustClose(t *testing.T) {
	for e, want := range map[UnpackError]bool{{}: true, {MTIReadable: true}: true, {BitmapReadable: true}: true, {MTIReadable: true, BitmapReadable: true}: false} {
		if got := e.MustClose(); got != want {
			t.Errorf("%+v closes: %t", e, got)
		}
	}
}

func TestNewTrace(t *testing.T) {
	got := NewTrace(time.Date(2026, 11, 21, 22, 40, 5, 0, time.UTC), "000001")
	if want := (Trace{"1121224005", "000001", "021005", "1122"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestFaults(t *testing.T) {
	var none Faults
	if none.Err() != nil || none.Code() != "" {
		t.Error("no faults are an error")
	}
	some := Faults{{2, "has a wrong check digit", RC14InvalidCard}, {49, "is not one of the values in use", RC12InvalidTransaction}}
	if some.Code() != RC14InvalidCard || some.Err().Error() != "F2 has a wrong check digit; F49 is not one of the values in use" {
		t.Errorf("%s %v", some.Code(), some.Err())
	}
	if text, err := json.Marshal(canaryMessage()); err != nil || !json.Valid(text) {
		t.Errorf("%s, %v", text, err)
	}
}
