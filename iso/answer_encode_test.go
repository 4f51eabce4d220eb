package iso

// What the card network answers, as it would write it.

func (a *PurchaseAnswer) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIPurchaseAnswer
	a.Trace.encode(m)
	a.Origin.encode(m)
	m.setIf(FieldPAN, a.PAN.Reveal())
	m.setIf(FieldProcessing, a.Processing)
	setAmount(m, FieldAmount, a.Amount)
	m.setIf(FieldSettlement, a.Settlement)
	m.setIf(FieldForwarder, a.Forwarder)
	m.setIf(FieldRRN, a.RRN)
	m.setIf(FieldApproval, a.Approval)
	m.setIf(FieldCode, string(a.Code))
	m.setIf(FieldText, a.Additional)
	m.setIf(FieldPrivate, a.Private.Reveal())
	m.Set(FieldCurrency, CurrencyRial)
	m.setIf(FieldBalances, a.Balances.Reveal())
	m.setIf(FieldChip, a.ChipData.Reveal())
}

func (a *ReversalAnswer) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIReversalAnswer
	if a.Advice {
		m.MTI = MTIReversalAdviceAnswer
	}
	a.Trace.encode(m)
	a.Origin.encode(m)
	m.setIf(FieldPAN, a.PAN.Reveal())
	m.setIf(FieldProcessing, a.Processing)
	setAmount(m, FieldAmount, a.Amount)
	m.setIf(FieldSettlement, a.Settlement)
	m.setIf(FieldForwarder, a.Forwarder)
	m.setIf(FieldRRN, a.RRN)
	m.setIf(FieldCode, string(a.Code))
	m.Set(FieldCurrency, CurrencyRial)
	if a.Original.MTI != 0 {
		m.Set(FieldOriginal, a.Original.Format())
	}
}
