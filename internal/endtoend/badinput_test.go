package endtoend

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/pos"
	"treasury-switch/iso"
)

// bad is an input that must be refused. Either the connection is closed and counted by its reason, or the answer carries a
// code and the refusal is counted by it.
type bad struct {
	name   string
	bytes  []byte       // as they are sent; the rest of the frame is never sent
	m      *iso.Message // packed and framed
	spoil  spoiler      // changes the packed message; nil leaves it
	append string       // what is appended to the packed message
	code   iso.Code
	told   iso.Code // what the terminal is answered, where that is another code
	reason string
}

// spoiler changes a packed message, and reports whether there was what it wants to change.
type spoiler func([]byte) bool

// swap replaces a text by another of the same length.
func swap(old, with string) spoiler {
	return func(p []byte) bool {
		at := bytes.Index(p, []byte(old))
		if at >= 0 {
			copy(p[at:], with)
		}
		return at >= 0 && len(old) == len(with)
	}
}

// flip turns a field's bit in the first bitmap, which follows the message type in hexadecimal.
func flip(field int) spoiler {
	return func(p []byte) bool {
		digit := p[4+(field-1)/4 : 4+(field-1)/4+1]
		n, err := strconv.ParseUint(string(digit), 16, 8)
		copy(digit, fmt.Sprintf("%X", n^(8>>((field-1)%4))))
		return err == nil
	}
}

// terminals make the messages of the table.
type terminals struct {
	t             *testing.T
	police, court *pos.Terminal
}

// purchase is a good purchase with a change.
func (d *terminals) purchase(change func(*iso.Message)) *iso.Message {
	m := d.police.Purchase(pos.Sale{Card: card(d.t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"})
	if change != nil {
		change(m)
	}
	return m
}

func set(field int, value string) func(*iso.Message) {
	return func(m *iso.Message) { m.Set(field, value) }
}

func unset(field int) func(*iso.Message) { return func(m *iso.Message) { m.Unset(field) } }

// frames are inputs after which the stream makes no sense any more.
func (d *terminals) frames() []bad {
	good := packed(d.t, d.purchase(nil))
	return []bad{
		{name: "garbage", bytes: framed(d.t, []byte("\x00\x01\x02 nothing that a terminal would say \xff\xfe")), reason: "message type or bitmap unreadable"},
		{name: "zero length", bytes: []byte{0, 0}, reason: "frame length"},
		{name: "huge length", bytes: []byte{0xff, 0xff, '0', '2', '0', '0'}, reason: "frame length"},
		{name: "half a frame", bytes: framed(d.t, good)[:40], reason: "half a frame"},
		{name: "half a length", bytes: []byte{0}, reason: "half a frame"},
		{name: "bitmap that is no hex", bytes: framed(d.t, append([]byte("0200ZZZZZZZZZZZZZZZZ"), good[20:]...)), reason: "message type or bitmap unreadable"},
		{name: "message type that is no number", bytes: framed(d.t, append([]byte("02X0"), good[4:]...)), reason: "message type or bitmap unreadable"},
		{name: "bitmap cut short", bytes: framed(d.t, good[:10]), reason: "message type or bitmap unreadable"},
	}
}

// forms are messages whose form is wrong, but can be answered.
func (d *terminals) forms() []bad {
	return []bad{
		{name: "bitmap with a field that is not there", m: d.purchase(nil), spoil: flip(6), code: "30"},
		{name: "bitmap without a field that is there", m: d.purchase(nil), spoil: flip(25), code: "30"},
		{name: "bytes left over", m: d.purchase(nil), append: "left over", code: "30"},
		{name: "missing STAN", m: d.purchase(unset(11)), code: "30"},
		{name: "missing card", m: d.purchase(unset(2)), code: "30"},
		{name: "missing service", m: d.purchase(unset(48)), code: "30"},
		{name: "missing amount", m: d.purchase(unset(4)), code: "30"},
		{name: "time of day that is none", m: d.purchase(set(12, "256199")), code: "30"},
		{name: "date that is none", m: d.purchase(set(13, "1331")), code: "30"},
		{name: "letters in the card number", m: d.purchase(nil), spoil: swap("6037990000000014", "60379900000000A4"), code: "30"},
		{name: "letters in the amount", m: d.purchase(nil), spoil: swap("000001476112", "00000147611x"), code: "30"},
		{name: "length of a field past the message", m: d.purchase(nil), spoil: swap("014SVC", "999SVC"), code: "30"},
		{name: "private data that is none", m: d.purchase(set(48, "SVC999PASSPORT")), code: "30"},
		{name: "private data without a service", m: d.purchase(set(48, "QTY0011")), code: "30"},
		{name: "units that are none", m: d.purchase(set(48, "SVC008PASSPORTQTY001x")), code: "30"},
		{name: "original data that is none", m: func() *iso.Message {
			m := d.police.Reversal(d.purchase(nil), false)
			m.Set(90, strings.Repeat("0", 42))
			return m
		}(), code: "30", told: "09"},
		{name: "repeat without a service", m: d.purchase(again(48, "")), code: "30", told: "09"},
		{name: "repeat cut short", m: d.purchase(again(48, "SVC008PASSPORT")), spoil: swap("014SVC", "999SVC"), code: "30", told: "09"},
	}
}

// again makes a repeat with another field.
func again(field int, value string) func(*iso.Message) {
	return func(m *iso.Message) {
		m.MTI = m.MTI.Repeat()
		m.Set(field, value)
		if value == "" {
			m.Unset(field)
		}
	}
}

// values are messages of good form that are refused for what they say.
func (d *terminals) values() []bad {
	stranger := pos.New("10199999", 101, 0, time.Now)
	tenSheets := d.court.Purchase(pos.Sale{Card: card(d.t, "6037990000000014"), Amount: 10 * sheetPrice, Service: "COPY", Units: 10})
	return []bad{
		{name: "wrong currency", m: d.purchase(set(49, "840")), code: "12"},
		{name: "amount 0", m: d.purchase(set(4, "000000000000")), code: "13"},
		{name: "amount that is not the price", m: d.purchase(set(4, "000001476113")), code: "13"},
		{name: "amount above the limit", m: tenSheets, code: "61"},
		{name: "unknown service", m: d.purchase(set(48, "SVC004NONE")), code: "12"},
		{name: "service of another agency", m: d.purchase(set(48, "SVC004COPYQTY0011")), code: "12"},
		{name: "unknown processing code", m: d.purchase(set(3, "990000")), code: "12"},
		{name: "unknown message type", m: d.purchase(func(m *iso.Message) { m.MTI = 600 }), code: "12"},
		{name: "unknown terminal", m: stranger.Purchase(pos.Sale{Card: card(d.t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"}), code: "58"},
		{name: "repeat of an unknown terminal", m: d.purchase(again(41, "10199999")), code: "58", told: "09"},
		{name: "repeat of another acquirer", m: d.purchase(again(32, "627412000")), code: "58", told: "09"},
		{name: "reversal in another currency", m: func() *iso.Message {
			m := d.police.Reversal(d.purchase(nil), true)
			m.Set(49, "840")
			return m
		}(), code: "12", told: "09"},
		{name: "another agency's acceptor id", m: d.purchase(set(42, pos.Acceptor(102))), code: "03"},
		{name: "wrong check digit", m: d.purchase(set(2, "6037990000000015")), code: "14"},
		{name: "reversal of a reversal", m: func() *iso.Message {
			m := d.police.Reversal(d.purchase(nil), false)
			m.Set(90, strings.Replace(m.Get(90), "0200", "0400", 1))
			return m
		}(), code: "12"},
	}
}

// TestBadInput sends everything that a broken or hostile terminal might send to the real program. Each gets its code or a
// closed connection, is counted, and changes nothing for the next message on a good connection.
func TestBadInput(t *testing.T) {
	t.Parallel()
	r := newRig(t, patient, 1, "--max-amount=2000000")
	r.start()
	d := &terminals{t: t, police: pos.New("10100001", 101, 0, time.Now), court: pos.New("10200001", 102, 0, time.Now)}
	good := r.line()
	for _, b := range append(append(d.frames(), d.forms()...), d.values()...) {
		t.Run(b.name, func(t *testing.T) { r.refuses(t, b, good, d) })
	}
	t.Run("closed account", func(t *testing.T) { r.refusesClosedAccount(t, d) })
	r.check()
}

// refuses sends one bad input on a connection of its own.
func (r *rig) refuses(t *testing.T, b bad, good *pos.Line, d *terminals) {
	counted := func() float64 {
		if b.code == "" {
			return r.counted("treasury_terminal_connections_closed_total", b.reason)
		}
		return r.counted("treasury_terminal_refusals_total", string(b.code))
	}
	before := counted()
	w := r.dial()
	w.t = t
	if b.code == "" {
		w.write(b.bytes)
		if err := w.conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if answer := w.read(); answer != nil {
			t.Fatalf("answered %s, want a closed connection", pos.Code(answer))
		}
	} else {
		payload := packed(t, b.m)
		if b.spoil != nil && !b.spoil(payload) {
			t.Fatal("the message does not hold what is to be spoilt")
		}
		w.write(framed(t, append(payload, b.append...)))
		if code := pos.Code(w.read()); code != cmp.Or(b.told, b.code) {
			t.Fatalf("answered %q, want %s", code, cmp.Or(b.told, b.code))
		}
		// The connection is still good for a good message.
		w.write(framed(t, packed(t, d.police.Echo())))
		if code := pos.Code(w.read()); code != iso.RC00Approved {
			t.Errorf("an echo on the same connection is answered %q", code)
		}
	}
	r.eventually(askLimit, "it is counted", func() bool { return counted() == before+1 })
	answer, err := good.Exchange(t.Context(), d.purchase(nil))
	if code := pos.Code(answer); err != nil || code != iso.RC00Approved {
		t.Errorf("the next purchase on a good connection: %q, %v", code, err)
	}
}

// refusesClosedAccount closes the account that copies are credited to, by two persons. Payments with a share for it are
// refused as soon as the program has seen the list, and until then reversed.
func (r *rig) refusesClosedAccount(t *testing.T, d *terminals) {
	before := r.counted("treasury_terminal_refusals_total", "03")
	text, code := r.operator("accounts", "close", "R-102-140102-01", "--as=maker", "--json")
	var proposed struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal([]byte(text), &proposed); err != nil || proposed.ID == "" || code != 0 {
		t.Fatalf("closing is not proposed (exit code %d): %v\n%s", code, err, text)
	}
	if text, code := r.operator("accounts", "approve", proposed.ID, "--as=checker"); code != 0 {
		t.Fatalf("closing is not approved (exit code %d)\n%s", code, text)
	}
	line, refused := r.line(), 0
	r.eventually(askLimit, "the account is closed to payments", func() bool {
		answer, err := line.Exchange(t.Context(), d.court.Purchase(pos.Sale{Card: card(t, "6037990000000014"), Amount: sheetPrice,
			Service: "COPY", Units: 1}))
		if err != nil {
			t.Fatal(err)
		}
		if pos.Code(answer) == iso.RC03InvalidAcceptor {
			refused++
		}
		return refused > 0
	})
	if after := r.counted("treasury_terminal_refusals_total", "03"); after != before+1 {
		t.Errorf("counted %g refusals, want 1", after-before)
	}
	answer, err := line.Exchange(t.Context(), d.purchase(nil))
	if code := pos.Code(answer); err != nil || code != iso.RC00Approved {
		t.Errorf("a purchase whose accounts are open: %q, %v", code, err)
	}
}
