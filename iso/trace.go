package iso

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/digits"
)

// Trace identifies a message.
type Trace struct {
	// Transmission is F7: when this message was sent, MMDDhhmmss in UTC.
	Transmission string
	// STAN is F11: six digits, the sender's number of the message.
	STAN string
	// LocalTime and LocalDate are F12 and F13: hhmmss and MMDD (Gregorian) at
	// the terminal. A repeat and a reversal keep those of their original.
	LocalTime, LocalDate string
}

// NewTrace returns the trace of a message made at that instant: F7 in UTC, F12 and F13 in Tehran's time.
func NewTrace(at time.Time, stan string) Trace {
	local := stamp(at.In(calendar.Tehran))
	return Trace{Transmission: TransmissionTime(at), STAN: stan, LocalTime: local[4:], LocalDate: local[:4]}
}

// TransmissionTime returns F7 of an instant: MMDDhhmmss in UTC.
func TransmissionTime(at time.Time) string { return stamp(at.UTC()) }

// stamp returns MMDDhhmmss in the zone of at.
func stamp(at time.Time) string {
	_, month, day := at.Date()
	hour, minute, second := at.Clock()
	var text [10]byte
	out := text[:0]
	for _, n := range [...]int{int(month), day, hour, minute, second} {
		out = append(out, '0'+byte(n/10), '0'+byte(n%10))
	}
	return string(out)
}

// DayField returns a date as F13, F15 and F17 carry it: MMDD.
func DayField(d calendar.Date) string {
	_, month, day := d.Gregorian()
	return string([]byte{'0' + byte(month/10), '0' + byte(month%10), '0' + byte(day/10), '0' + byte(day%10)})
}

// STANField returns a trace number, 1 to 999999, as F11 carries it.
func STANField(n int) string {
	var text [6]byte
	return string(appendDecimal(text[:0], n, len(text)))
}

func (t *Trace) encode(m *Message) {
	m.setIf(FieldTransmission, t.Transmission)
	m.setIf(FieldSTAN, t.STAN)
	m.setIf(FieldLocalTime, t.LocalTime)
	m.setIf(FieldLocalDate, t.LocalDate)
}

func (t *Trace) decode(d *decoder) {
	t.Transmission = d.formed(FieldTransmission, formStamp)
	t.STAN = d.need(FieldSTAN)
	t.LocalTime = d.formed(FieldLocalTime, formTime)
	t.LocalDate = d.formed(FieldLocalDate, formDate)
}

// Origin is where a request comes from. F32 and F42 are numbers: the value read does not depend on the zeros or
// spaces that the sender wrote around them.
type Origin struct {
	// Acquirer is F32 without leading zeros; "" from a terminal means the listener's.
	Acquirer string
	// Terminal is F41, 8 characters.
	Terminal string
	// Acceptor is F42, 15 characters: the agency's code, zero-padded.
	Acceptor string
}

func (o *Origin) encode(m *Message) {
	m.setIf(FieldAcquirer, o.Acquirer)
	m.setIf(FieldTerminal, o.Terminal)
	m.setIf(FieldAcceptor, o.Acceptor)
}

func (o *Origin) decode(d *decoder) {
	o.Acquirer = digits.Canonical(d.m.Get(FieldAcquirer))
	o.Terminal = d.need(FieldTerminal)
	o.Acceptor = acceptor(d.need(FieldAcceptor))
}

// acceptor returns a numeric F42 zero-padded and trimmed, any other unchanged.
func acceptor(s string) string {
	const width = 15
	number := digits.Canonical(s)
	if !digits.Only(number) {
		return s
	}
	return zerosTo(width, number)
}
