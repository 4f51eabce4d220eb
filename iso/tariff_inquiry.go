package iso

import (
	"treasury-switch/identity"
	"treasury-switch/money"
)

// TariffInquiry is a 0100 with F3 380000: a terminal asks for the price of a service.
type TariffInquiry struct {
	Trace
	Origin
	// TerminalType is F25.
	TerminalType string
	// Amount is F4 if the terminal sends one, else 0.
	Amount money.Rial
	// MerchantType is F18, EntryMode F22; "" if absent.
	MerchantType, EntryMode string
	// Private is F48: the service and the inputs of its price.
	Private identity.Secret
}

// Encode writes the inquiry into m and replaces what m held.
func (q *TariffInquiry) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIInquiry
	q.Trace.encode(m)
	q.Origin.encode(m)
	m.Set(FieldProcessing, ProcessingTariff)
	if q.Amount != 0 {
		setAmount(m, FieldAmount, q.Amount)
	}
	m.setIf(FieldMerchantType, q.MerchantType)
	m.setIf(FieldEntryMode, q.EntryMode)
	m.setIf(FieldTerminalType, q.TerminalType)
	m.setIf(FieldPrivate, q.Private.Reveal())
	m.Set(FieldCurrency, CurrencyRial)
}

// Decode reads the inquiry from a message that has passed Dialect.Check.
func (q *TariffInquiry) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiry)
	*q = TariffInquiry{
		TerminalType: m.Get(FieldTerminalType), Amount: d.amountIf(FieldAmount), MerchantType: m.Get(FieldMerchantType), EntryMode: m.Get(FieldEntryMode),
		Private: identity.NewSecret(d.need(FieldPrivate)),
	}
	q.Trace.decode(&d)
	q.Origin.decode(&d)
	return d.faults
}
