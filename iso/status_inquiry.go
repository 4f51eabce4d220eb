package iso

import (
	"treasury-switch/identity"
	"treasury-switch/money"
)

// StatusInquiry is a 0100 with F3 380001: a terminal asks for the outcome of its last transaction.
type StatusInquiry struct {
	Trace
	Origin
	// Original is F90: the transaction asked about.
	Original OriginalData
	// Amount is its F4 in rial, 0 if absent, and PAN its F2. An invalid card number is ignored: the answer's code is
	// that of the transaction, not of the inquiry.
	Amount money.Rial
	PAN    identity.PAN
}

// Encode writes the inquiry into m and replaces what m held.
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

// Decode reads the inquiry from a message that has passed Dialect.Check.
func (q *StatusInquiry) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiry)
	*q = StatusInquiry{Original: d.original(), Amount: d.amountIf(FieldAmount)}
	q.PAN, _ = identity.ParsePAN(m.Get(FieldPAN))
	q.Trace.decode(&d)
	q.Origin.decode(&d)
	return d.faults
}
