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
	m.Set(FieldProcessing, ProcessingStatus)
	m.setIf(FieldPAN, q.PAN.Reveal())
	if q.Amount != 0 {
		setAmount(m, FieldAmount, q.Amount)
	}
	m.Set(FieldCurrency, CurrencyRial)
	m.Set(FieldOriginal, q.Original.Format())
}

// Decode reads the inquiry from a message that Dialect.Check has passed.
func (q *StatusInquiry) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiry)
	*q = StatusInquiry{Original: d.original(), Amount: d.amountIf(FieldAmount)}
	q.PAN, _ = identity.ParsePAN(m.Get(FieldPAN))
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
	m.Set(FieldProcessing, ProcessingStatus)
	if a.Amount != 0 {
		setAmount(m, FieldAmount, a.Amount)
	}
	m.setIf(FieldRRN, a.RRN)
	m.setIf(FieldCode, string(a.Code))
	m.setIf(FieldPrivate, a.Private.Reveal())
	m.Set(FieldCurrency, CurrencyRial)
	if a.Original.MTI != 0 {
		m.Set(FieldOriginal, a.Original.Format())
	}
}

// Decode reads the answer from a message that Dialect.Check has passed.
func (a *StatusAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiryAnswer)
	*a = StatusAnswer{Amount: d.amountIf(FieldAmount), RRN: m.Get(FieldRRN), Code: d.code(), Private: identity.NewSecret(m.Get(FieldPrivate))}
	if m.Has(FieldOriginal) {
		a.Original = d.original()
	}
	a.Trace.decode(&d)
	a.Origin.decode(&d)
	return d.faults
}
