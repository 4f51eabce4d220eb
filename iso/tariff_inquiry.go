package iso

import (
	"treasury-switch/identity"
	"treasury-switch/money"
)

// TariffInquiry is a 0100 with F3 380000: a terminal asks what a service costs.
type TariffInquiry struct {
	Trace
	Origin
	// TerminalType is F25.
	TerminalType string
	// Amount is F4 where the terminal sends one, else 0.
	Amount money.Rial
	// MerchantType is F18, EntryMode F22; "" where absent.
	MerchantType, EntryMode string
	// Private is F48: the service and what its price depends on.
	Private identity.Secret
}

// Encode writes the inquiry into m, whatever m held before.
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

// Decode reads the inquiry from a message that Dialect.Check has passed.
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

// Answer begins the answer: what an answer repeats of its request is filled in.
func (q *TariffInquiry) Answer(code Code) TariffAnswer {
	return TariffAnswer{
		Trace: q.Trace, Origin: q.Origin, TerminalType: q.TerminalType,
		MerchantType: q.MerchantType, EntryMode: q.EntryMode, Private: q.Private, Code: code,
	}
}

// TariffAnswer is the 0110 to a TariffInquiry: the total in F4 and the lines of
// the quote in F48. A refusal has a total of zero.
type TariffAnswer struct {
	Trace
	Origin
	TerminalType            string
	MerchantType, EntryMode string
	Amount                  money.Rial
	Code                    Code
	Private                 identity.Secret
}

// Encode writes the answer into m, whatever m held before.
func (a *TariffAnswer) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIInquiryAnswer
	a.Trace.encode(m)
	a.Origin.encode(m)
	m.Set(FieldProcessing, ProcessingTariff)
	setAmount(m, FieldAmount, a.Amount)
	m.setIf(FieldMerchantType, a.MerchantType)
	m.setIf(FieldEntryMode, a.EntryMode)
	m.setIf(FieldTerminalType, a.TerminalType)
	m.setIf(FieldCode, string(a.Code))
	m.setIf(FieldPrivate, a.Private.Reveal())
	m.Set(FieldCurrency, CurrencyRial)
}

// Decode reads the answer from a message that Dialect.Check has passed.
func (a *TariffAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiryAnswer)
	*a = TariffAnswer{
		TerminalType: m.Get(FieldTerminalType), MerchantType: m.Get(FieldMerchantType), EntryMode: m.Get(FieldEntryMode),
		Amount: d.amountIf(FieldAmount), Code: d.code(), Private: identity.NewSecret(m.Get(FieldPrivate)),
	}
	a.Trace.decode(&d)
	a.Origin.decode(&d)
	return d.faults
}
