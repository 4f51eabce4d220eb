package iso

import (
	"treasury-switch/identity"
	"treasury-switch/money"
)

// ReversalAnswer is a 0410 or 0430. 0430 with code 00 means that the reversal
// was accepted, not that the card was credited.
type ReversalAnswer struct {
	// Advice means 0430, the answer to a 0420.
	Advice bool
	Trace
	Origin
	// PAN is F2, which the network repeats.
	PAN identity.PAN
	// Processing is F3, Amount F4 in rial; the network repeats both.
	Processing string
	Amount     money.Rial
	// Settlement is F15 (MMDD), Forwarder F33, from the network.
	Settlement, Forwarder string
	// RRN is F37, Code F39.
	RRN  string
	Code Code
	// Original is F90; its MTI is zero if the field is absent.
	Original OriginalData
}

// Decode reads the answer from a message that has passed Dialect.Check.
func (a *ReversalAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIReversalAnswer, MTIReversalAdviceAnswer)
	*a = ReversalAnswer{
		Advice: m.MTI == MTIReversalAdviceAnswer, PAN: d.pan(), Processing: m.Get(FieldProcessing), Amount: d.amountIf(FieldAmount),
		Settlement: d.optional(FieldSettlement, formDate), Forwarder: m.Get(FieldForwarder), RRN: m.Get(FieldRRN), Code: d.code(),
	}
	if m.Has(FieldOriginal) {
		a.Original = d.original()
	}
	a.Trace.decode(&d)
	a.Origin.decode(&d)
	return d.faults
}
