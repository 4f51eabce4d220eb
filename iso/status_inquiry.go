package iso

import (
	"treasury-switch/identity"
	"treasury-switch/money"
)

// StatusInquiry is a 0100 with F3 380001: a terminal that does not know how its
// last transaction ended asks for it.
type StatusInquiry struct {
	Trace
	Origin
	// Original is F90: the transaction asked about.
	Original OriginalData
	// Amount is its F4 in rial, 0 where absent, and PAN its F2. A card number that is none
	// is left out: the answer's code is that of the transaction, not of the inquiry.
	Amount money.Rial
	PAN    identity.PAN
}

// Encode writes the inquiry into m, whatever m held before.
func (q *StatusInquiry) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIInquiry
	q.Trace.encode(m)
	q.Origin.encode(m)
	m.Set(3, ProcessingStatus)
	m.setIf(2, q.PAN.Reveal())
	if q.Amount != 0 {
		setAmount(m, 4, q.Amount)
	}
	m.Set(49, CurrencyRial)
	m.Set(90, q.Original.Format())
}

// Decode reads the inquiry from a message that Dialect.Check has passed.
func (q *StatusInquiry) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiry)
	*q = StatusInquiry{Original: d.original(), Amount: d.amountIf(4)}
	q.PAN, _ = identity.ParsePAN(m.Get(2))
	q.Trace.decode(&d)
	q.Origin.decode(&d)
	return d.faults
}

// Answer begins the answer: what an answer repeats of its request is filled in.
func (q *StatusInquiry) Answer(code Code) StatusAnswer {
	return StatusAnswer{Trace: q.Trace, Origin: q.Origin, Original: q.Original, Code: code}
}

// StatusAnswer is the 0110 to a StatusInquiry: the original's response code,
// RRN, amount and tracking code (F48 TRK), or 25 where it is not known.
type StatusAnswer struct {
	Trace
	Origin
	Original OriginalData
	// Amount is F4 of the original in rial, 0 where absent.
	Amount money.Rial
	// RRN is F37 of the original, Code its F39.
	RRN     string
	Code    Code
	Private identity.Secret
}

// Encode writes the answer into m, whatever m held before.
func (a *StatusAnswer) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIInquiryAnswer
	a.Trace.encode(m)
	a.Origin.encode(m)
	m.Set(3, ProcessingStatus)
	if a.Amount != 0 {
		setAmount(m, 4, a.Amount)
	}
	m.setIf(37, a.RRN)
	m.setIf(39, string(a.Code))
	m.setIf(48, a.Private.Reveal())
	m.Set(49, CurrencyRial)
	if a.Original.MTI != 0 {
		m.Set(90, a.Original.Format())
	}
}

// Decode reads the answer from a message that Dialect.Check has passed.
func (a *StatusAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiryAnswer)
	*a = StatusAnswer{Amount: d.amountIf(4), RRN: m.Get(37), Code: d.code(), Private: identity.NewSecret(m.Get(48))}
	if m.Has(90) {
		a.Original = d.original()
	}
	a.Trace.decode(&d)
	a.Origin.decode(&d)
	return d.faults
}
