package terminal

import (
	"slices"
	"strings"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// TestEveryFaultAtOnce: one answer and one line of the log for everything that is
// wrong with a message, also what only shows when its fields are understood.
func TestEveryFaultAtOnce(t *testing.T) {
	r := newRig(t, approved())
	out := r.ask(with(purchase(), map[int]string{
		2: "", 35: "123=45", 4: "", 7: "1399084500", 12: "126060", 13: "0229", 22: "", 25: "99", 48: "SVC008PASSPORTQTY001x",
	}))
	isotest.Want(t, out, iso.MTIPurchaseAnswer, map[int]string{
		3: "000000", 4: "", 7: "", 11: "000123", 12: "", 13: "", 39: "30", 41: "10100001", 42: "000000000000101", 49: "364",
	})
	line := r.log.String()
	for _, part := range []string{"F4 amount", "F7 transmission", "F12 local time", "F13 local date", "F22 ", "F25 terminal type",
		"F35 track 2", "F48 private data", "terminal=10100001", "stan=000123"} {
		if strings.Count(line, part) != 1 {
			t.Errorf("the log does not name %q once:\n%s", part, line)
		}
	}
	if strings.Count(line, "\n") != 1 || r.sw.calls() != 0 {
		t.Errorf("%d lines, %d calls", strings.Count(line, "\n"), r.sw.calls())
	}
	if r.Refusals()[Refused{AtForm, "30"}] != 1 {
		t.Errorf("counted %v", r.Refusals())
	}
}

// TestPrivateDataFaults: each is 30, and its content is not in the log.
func TestPrivateDataFaults(t *testing.T) {
	for name, private := range map[string]string{
		"no service":        "QTY0013",
		"units are text":    "SVC004COPYQTY004CNRY",
		"units of zero":     "SVC004COPYQTY0010",
		"base is text":      "SVC004COPYBAS004CNRY",
		"due is no day":     "SVC004COPYDUE00820261399",
		"due is Jalali":     "SVC004COPYDUE00814050830",
		"request is no day": "SVC004COPYRQD00820260229",
		"request is Jalali": "SVC004COPYRQD00814041229",
		"request is short":  "SVC004COPYRQD0072026032",
		"request is empty":  "SVC004COPYRQD000",
		"request twice":     "SVC004COPYRQD00820260320RQD00820260320",
		"service is text":   "SVC004COPYSVD008CNRYCNRY",
		"service day twice": "SVC004COPYSVD00820260320SVD00820260321",
		"year is short":     "SVC004COPYFYR00299",
		"tag twice":         "SVC004COPYSVC004CNRY",
		"cut short":         "SVC004COPYQTY009CNRY",
		"no tags":           "CNRY-CNRY",
		"payer is not one":  "SVC004COPYPTY001NPID0101234567890",
		"bill alone":        "SVC004BILLBIL0137748317800142",
		"bill check digit":  "SVC004BILLBIL0137748317800143PAY0071770160",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, approved())
			isotest.Want(t, r.ask(with(purchase(), map[int]string{48: private})), iso.MTIPurchaseAnswer, map[int]string{39: "30", 48: ""})
			if r.sw.calls() != 0 || !strings.Contains(r.log.String(), "F48 private data") || strings.Contains(r.log.String(), "CNRY") {
				t.Errorf("%d calls, log %s", r.sw.calls(), r.log)
			}
		})
	}
}

// TestMessageCutShort: what follows the fault is unknown, not missing.
func TestMessageCutShort(t *testing.T) {
	raw, err := iso.TerminalDialect().Pack(nil, purchase())
	if err != nil {
		t.Fatal(err)
	}
	for cut, field := range map[int]string{len(raw) - 12: "F48", len(raw) - 40: "F41", 70: "F11"} {
		r := newRig(t, approved())
		isotest.Want(t, r.askRaw(raw[:cut], false), iso.MTIPurchaseAnswer, map[int]string{39: "30", 3: "000000", 7: "1121084500"})
		if line := r.log.String(); strings.Contains(line, "missing") || strings.Count(line, " F")+strings.Count(line, "[F") != 1 ||
			!strings.Contains(line, field) {
			t.Errorf("the log says %s", line)
		}
	}
}

// TestUnreadableTraceIsNotLogged: the content of a malformed field stays out of the
// log, also in those that name the message.
func TestUnreadableTraceIsNotLogged(t *testing.T) {
	raw, err := iso.TerminalDialect().Pack(nil, purchase())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), "000123", "CNRY!!", 1)
	r := newRig(t, approved())
	isotest.Want(t, r.askRaw([]byte(strings.Replace(text, "10100001", "CNRY\x01\x02\x03\x04", 1)), false), iso.MTIPurchaseAnswer,
		map[int]string{39: "30", 11: "", 41: "", 12: "121459"})
	if line := r.log.String(); strings.Contains(line, "CNRY") || !strings.Contains(line, "F11 ") || !strings.Contains(line, "F41 ") {
		t.Errorf("the log says %s", line)
	}
}

// TestUnservedTypes: 12, before anything else is asked.
func TestUnservedTypes(t *testing.T) {
	for _, mti := range []iso.MTI{220, 500, 300, 101, 801, 1200, 600} {
		r := newRig(t, approved())
		m := with(purchase(), map[int]string{41: "99999999"})
		m.MTI = mti
		m = with(m, map[iso.MTI]map[int]string{
			220: {39: "00", 90: original("0200", "000123")},
			500: {74: "0", 75: "0", 76: "0", 77: "0", 86: "0", 87: "0", 88: "0", 89: "0"},
			801: {70: "301"},
		}[mti])
		isotest.Want(t, r.ask(m), mti.Answer(), map[int]string{39: "12", 11: "000123", 41: "99999999"})
		if r.sw.calls() != 0 {
			t.Errorf("%s reached the switch", mti)
		}
	}
}

// TestAnswersAreNotAnswered, or two programs would talk for ever.
func TestAnswersAreNotAnswered(t *testing.T) {
	r := newRig(t, approved())
	m := purchase()
	m.MTI = iso.MTIPurchaseAnswer
	if out := r.ask(m); out != nil {
		t.Errorf("got %s", out)
	}
}

// TestOrderOfChecks: form, terminal, MAC, and then the switch. Each message fails all
// the checks that are left.
func TestOrderOfChecks(t *testing.T) {
	stranger, badCard, noSTAN := map[int]string{41: "99999999"}, map[int]string{2: "6037990000000015"}, map[int]string{11: ""}
	for _, c := range []struct {
		name      string
		fields    []map[int]string
		untrusted bool
		stage     Stage
		code      iso.Code
	}{
		{"form", []map[int]string{stranger, badCard, noSTAN}, true, AtForm, "30"},
		{"terminal", []map[int]string{stranger, badCard}, true, AtTerminal, "58"},
		{"mac", []map[int]string{badCard}, true, AtMAC, "63"},
		{"switch", []map[int]string{badCard}, false, AtSwitch, "14"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, switching.Answer{Code: payment.InvalidCard, RRN: 1})
			m := purchase()
			for _, fields := range c.fields {
				m = with(m, fields)
			}
			var out *iso.Message
			if c.untrusted {
				out = r.ask(m, true)
			} else {
				out = r.ask(m)
			}
			isotest.Want(t, out, iso.MTIPurchaseAnswer, map[int]string{39: string(c.code)})
			if reached := r.sw.calls() == 1; reached != (c.stage == AtSwitch) {
				t.Errorf("the switch was asked %d times", r.sw.calls())
			}
			if n := r.Refusals()[Refused{c.stage, c.code}]; n != 1 {
				t.Errorf("counted %v", r.Refusals())
			}
			wanted := Refusal{Stage: c.stage, Kind: KindPurchase, MTI: iso.MTIPurchase, Code: c.code}
			if !slices.Contains([]string{"form", "terminal"}, c.name) {
				wanted.Terminal = "10100001"
			}
			if len(r.refused) != 1 || r.refused[0] != wanted {
				t.Errorf("told %+v, want %+v", r.refused, wanted)
			}
		})
	}
}

// TestUnservedCodeStaysBehindTheMAC: whether a processing code is served is not told
// to who cannot prove who he is.
func TestUnservedCodeStaysBehindTheMAC(t *testing.T) {
	r := newRig(t, approved())
	isotest.Want(t, r.ask(with(tariffInquiry(), map[int]string{3: "310000"}), true), iso.MTIInquiryAnswer, map[int]string{39: "63"})
	for _, fields := range []map[int]string{{3: "310000"}, {3: "310000", 4: "", 48: ""}, {49: "840"}} {
		isotest.Want(t, r.ask(with(purchase(), fields), true), iso.MTIPurchaseAnswer, map[int]string{39: "63"})
	}
	if r.sw.calls() != 0 {
		t.Error("it reached the switch")
	}
}

func TestManagement(t *testing.T) {
	base := map[int]string{7: "1121084500", 11: "000127", 12: "121500", 13: "1121", 41: "10100001", 42: "000000000000101"}
	for function, code := range map[string]string{"001": "00", "002": "00", "301": "00", "161": "12", "201": "12"} {
		r := newRig(t, approved())
		m := with(message(iso.MTINetwork, base), map[int]string{70: function})
		isotest.Want(t, r.ask(m), iso.MTINetworkAnswer, map[int]string{39: code, 70: function, 11: "000127", 41: "10100001"})
		isotest.Want(t, r.ask(with(m, map[int]string{41: "", 42: ""})), iso.MTINetworkAnswer, map[int]string{39: code, 41: ""})
		isotest.Want(t, r.ask(with(m, map[int]string{41: "99999999"})), iso.MTINetworkAnswer, map[int]string{39: "58"})
		if r.sw.calls() != 0 {
			t.Error("it reached the switch")
		}
	}
}

// TestLogHoldsNoCardData, whatever is wrong with a message.
func TestLogHoldsNoCardData(t *testing.T) {
	const pan, track, pin, chip = "6037990000000014", "6037990000000014=08121234", "CNRYPIN1", "CNRYCHIP"
	card := map[int]string{2: pan, 14: "0812", 35: track, 52: pin, 53: "1234567890123456", 55: chip, 48: "SVC008PASSPORTPTY001NPID0100499370899"}
	r := newRig(t, switching.Answer{Code: payment.Inoperative})
	for _, more := range []map[int]string{{}, {11: ""}, {41: "99999999"}, {2: pan + "1"}, {48: pan}, {90: ""}, {4: ""}} {
		for _, m := range []*iso.Message{purchase(), tariffInquiry(), statusInquiry(), reversalOf(iso.MTIReversal)} {
			m = with(with(m, card), more)
			r.ask(m)
			r.ask(m, true)
		}
	}
	for _, secret := range []string{pan, track, pin, chip, "0812", "1234567890123456", "0499370899", "5045525950494E31", "434E5259"} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, r.log)
		}
	}
	if strings.Count(r.log.String(), "message refused") < 20 {
		t.Errorf("the log is short:\n%s", r.log)
	}
}

// TestConfig refuses what cannot work.
func TestConfig(t *testing.T) {
	for _, c := range []Config{
		{Switch: &fakeSwitch{}, Acquirer: "1"},
		{Dialect: iso.TerminalDialect(), Acquirer: "1"},
		{Dialect: iso.TerminalDialect(), Switch: &fakeSwitch{}},
		{Dialect: iso.TerminalDialect(), Switch: &fakeSwitch{}, Acquirer: "12a"},
		{Dialect: iso.TerminalDialect(), Switch: &fakeSwitch{}, Acquirer: "123456789012"},
	} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
