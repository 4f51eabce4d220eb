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
	m.Set(3, ProcessingTariff)
	if q.Amount != 0 {
		setAmount(m, 4, q.Amount)
	}
	m.setIf(18, q.MerchantType)
	m.setIf(22, q.EntryMode)
	m.setIf(25, q.TerminalType)
	m.setIf(48, q.Private.Reveal())
	m.Set(49, CurrencyRial)
}

// Decode reads the inquiry from a message that Dialect.Check has passed.
func (q *TariffInquiry) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiry)
	*q = TariffInquiry{
		TerminalType: m.Get(25), Amount: d.amountIf(4), MerchantType: m.Get(18), EntryMode: m.Get(22),
		Private: identity.NewSecret(d.need(48)),
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
	m.Set(3, ProcessingTariff)
	setAmount(m, 4, a.Amount)
	m.setIf(18, a.MerchantType)
	m.setIf(22, a.EntryMode)
	m.setIf(25, a.TerminalType)
	m.setIf(39, string(a.Code))
	m.setIf(48, a.Private.Reveal())
	m.Set(49, CurrencyRial)
}

// Decode reads the answer from a message that Dialect.Check has passed.
func (a *TariffAnswer) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIInquiryAnswer)
	*a = TariffAnswer{
		TerminalType: m.Get(25), MerchantType: m.Get(18), EntryMode: m.Get(22),
		Amount: d.amountIf(4), Code: d.code(), Private: identity.NewSecret(m.Get(48)),
	}
	a.Trace.decode(&d)
	a.Origin.decode(&d)
	return d.faults
}
