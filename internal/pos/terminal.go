package pos

import (
	"fmt"
	"strconv"
	"time"

	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/money"
)

// entryMode is F22 of a magnetic stripe that was read, with a PIN possible.
const entryMode = "021"

// stans is how many trace numbers there are before they begin again (F11 has six digits, and 000000 is not used).
const stans = 999_999

// Terminal makes the messages of one point of sale. It is not safe for concurrent use.
type Terminal struct {
	// ID is F41, eight characters; Acceptor is F42, fifteen.
	ID, Acceptor string
	// Type is F25.
	Type string
	// Now is the terminal's clock.
	Now func() time.Time

	stan int
}

// New makes a POS terminal of an agency. Its trace numbers begin behind the one given, so that a terminal that is started
// anew does not use those of its last hours again.
func New(id string, agency int32, lastSTAN int, now func() time.Time) *Terminal {
	return &Terminal{ID: id, Acceptor: Acceptor(agency), Type: iso.TerminalPOS, Now: now, stan: lastSTAN}
}

// Acceptor is F42 of an agency: its code, padded with zeros.
func Acceptor(agency int32) string { return fmt.Sprintf("%015d", agency) }

// Sale is what is paid for, by which card.
type Sale struct {
	Card    identity.PAN
	Amount  money.Rial
	Service string
	Units   int64 // 0: the service has no units
}

// trace gives the next trace number and the times of now.
func (t *Terminal) trace() iso.Trace {
	t.stan = t.stan%stans + 1
	return iso.NewTrace(t.Now(), fmt.Sprintf("%06d", t.stan))
}

func (t *Terminal) origin() iso.Origin { return iso.Origin{Terminal: t.ID, Acceptor: t.Acceptor} }

// private is F48 of a service.
func private(service string, units int64) identity.Secret {
	text := fmt.Sprintf("SVC%03d%s", len(service), service)
	if units > 0 {
		quantity := strconv.FormatInt(units, 10)
		text += fmt.Sprintf("QTY%03d%s", len(quantity), quantity)
	}
	return identity.NewSecret(text)
}

// Purchase makes a 0200 with a new trace number.
func (t *Terminal) Purchase(s Sale) *iso.Message {
	p := iso.Purchase{
		Trace: t.trace(), Origin: t.origin(), Card: iso.Card{PAN: s.Card}, Processing: iso.ProcessingPurchase,
		Amount: s.Amount, EntryMode: entryMode, TerminalType: t.Type, Private: private(s.Service, s.Units),
	}
	m := new(iso.Message)
	p.Encode(m)
	return m
}

// Repeat makes the repeat of a request: the message type's last digit and the transmission time change, and nothing else.
func (t *Terminal) Repeat(m *iso.Message) *iso.Message {
	r := m.Clone()
	r.MTI = m.MTI.Repeat()
	r.Set(iso.FieldTransmission, iso.TransmissionTime(t.Now()))
	return r
}

// original is F90 of a request.
func original(m *iso.Message) iso.OriginalData {
	return iso.OriginalData{MTI: m.MTI.Original(), STAN: m.Get(iso.FieldSTAN), Stamp: m.Get(iso.FieldTransmission)}
}

// following is the trace of a message about an earlier one: a new trace number, and the earlier one's local time.
func (t *Terminal) following(m *iso.Message) iso.Trace {
	trace := t.trace()
	trace.LocalTime, trace.LocalDate = m.Get(iso.FieldLocalTime), m.Get(iso.FieldLocalDate)
	return trace
}

// Reversal makes the 0400 of a purchase, or with advice the 0420, which is not to be refused.
func (t *Terminal) Reversal(of *iso.Message, advice bool) *iso.Message {
	amount, _ := strconv.ParseInt(of.Get(iso.FieldAmount), 10, 64) // Our own message: zero where it has none.
	r := iso.Reversal{
		Advice: advice, Trace: t.following(of), Origin: t.origin(), Processing: iso.ProcessingPurchase,
		Amount: money.Rial(amount), Original: original(of),
	}
	m := new(iso.Message)
	r.Encode(m)
	return m
}

// Status makes the question what became of a request.
func (t *Terminal) Status(of *iso.Message) *iso.Message {
	q := iso.StatusInquiry{Trace: t.following(of), Origin: t.origin(), Original: original(of)}
	m := new(iso.Message)
	q.Encode(m)
	return m
}

// Tariff makes the question what a service costs.
func (t *Terminal) Tariff(service string, units int64) *iso.Message {
	q := iso.TariffInquiry{Trace: t.trace(), Origin: t.origin(), TerminalType: t.Type, Private: private(service, units)}
	m := new(iso.Message)
	q.Encode(m)
	return m
}

// Echo makes the question whether the switch is there.
func (t *Terminal) Echo() *iso.Message {
	n := iso.NetworkManagement{Trace: t.trace(), Function: iso.FunctionEcho, Terminal: t.ID, Acceptor: t.Acceptor}
	m := new(iso.Message)
	n.Encode(m)
	return m
}

// Code is F39 of an answer, empty where there is none.
func Code(answer *iso.Message) iso.Code {
	if answer == nil {
		return ""
	}
	return iso.Code(answer.Get(iso.FieldCode))
}

// Amount is F4 of a message in rial, zero where it has none.
func Amount(m *iso.Message) money.Rial {
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m.Get(iso.FieldAmount), 10, 64)
	if err != nil {
		return 0
	}
	return money.Rial(n)
}

// Tracking is the tracking code of an answer, empty where it has none.
func Tracking(answer *iso.Message) string {
	if answer == nil {
		return ""
	}
	p, err := iso.ParsePrivate(answer.Get(iso.FieldPrivate))
	if err != nil {
		return ""
	}
	return p.Tracking
}
