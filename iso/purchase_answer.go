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

// Encode writes the answer into m, whatever m held before.
func (a *PurchaseAnswer) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIPurchaseAnswer
	a.Trace.encode(m)
	a.Origin.encode(m)
	m.setIf(2, a.PAN.Reveal())
	m.setIf(3, a.Processing)
	setAmount(m, 4, a.Amount)
	m.setIf(15, a.Settlement)
	m.setIf(33, a.Forwarder)
	m.setIf(37, a.RRN)
	m.setIf(38, a.Approval)
	m.setIf(39, string(a.Code))
	m.setIf(44, a.Additional)
	m.setIf(48, a.Private.Reveal())
	m.Set(49, CurrencyRial)
	m.setIf(54, a.Balances.Reveal())
	m.setIf(55, a.ChipData.Reveal())
}

// Decode reads the answer from a message that Dialect.Check has passed.
func (a *PurchaseAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIPurchaseAnswer)
	*a = PurchaseAnswer{
		PAN: d.pan(), Processing: m.Get(3), Amount: d.amountIf(4), Settlement: d.optional(15, formDate),
		Forwarder: m.Get(33), RRN: m.Get(37), Approval: m.Get(38), Code: d.code(), Additional: m.Get(44),
		Private: identity.NewSecret(m.Get(48)), Balances: identity.NewSecret(m.Get(54)), ChipData: identity.NewSecret(m.Get(55)),
	}
	a.Trace.decode(&d)
	a.Origin.decode(&d)
	return d.faults
}
