package iso

import (
	"treasury-switch/identity"
	"treasury-switch/money"
)

// PurchaseAnswer is a 0210, from the network to the switch and from the switch
// to a terminal.
type PurchaseAnswer struct {
	Trace
	Origin
	// PAN is F2, which the network repeats.
	PAN identity.PAN
	// Processing is F3, Amount F4 in rial.
	Processing string
	Amount     money.Rial
	// Settlement is F15 (MMDD): the business day the network gives the payment.
	Settlement string
	// Forwarder is F33.
	Forwarder string
	// RRN is F37, ours; Approval F38; Code F39.
	RRN, Approval string
	Code          Code
	// Additional is F44 as bytes, see Dialect.DecodeText.
	Additional string
	// Private is F48, towards a terminal.
	Private identity.Secret
	// Balances is F54, ChipData F55.
	Balances, ChipData identity.Secret
}

// Decode reads the answer from a message that has passed Dialect.Check.
func (a *PurchaseAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIPurchaseAnswer)
	*a = PurchaseAnswer{
		PAN: d.pan(), Processing: m.Get(FieldProcessing), Amount: d.amountIf(FieldAmount), Settlement: d.optional(FieldSettlement, formDate),
		Forwarder: m.Get(FieldForwarder), RRN: m.Get(FieldRRN), Approval: m.Get(FieldApproval), Code: d.code(), Additional: m.Get(FieldText),
		Private: identity.NewSecret(m.Get(FieldPrivate)), Balances: identity.NewSecret(m.Get(FieldBalances)), ChipData: identity.NewSecret(m.Get(FieldChip)),
	}
	a.Trace.decode(&d)
	a.Origin.decode(&d)
	return d.faults
}
