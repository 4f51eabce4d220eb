package iso

import (
	"treasury-switch/identity"
	"treasury-switch/money"
)

// Reversal is a 0400 or 0420 or one of their repeats 0401 and 0421: a debit is to be undone, whether or not it
// happened. Only the last digit of the message type changes in a repeat.
type Reversal struct {
	// Advice means 0420: it must be accepted. A 0400 may be refused.
	Advice bool
	Repeat bool
	// Trace has a STAN of its own and the original's local time and date.
	Trace
	Origin
	// PAN is F2, or the card number of the track (F35) if F2 is absent; the network requires F2, a terminal may omit
	// both.
	PAN identity.PAN
	// Processing is F3, Amount F4 in rial, as in the original.
	Processing string
	Amount     money.Rial
	// Capture is F17 (MMDD).
	Capture string
	// RRN is F37 of the original.
	RRN string
	// Original is F90.
	Original OriginalData
	// Replacement is F95: the remaining amounts of a partial reversal.
	Replacement string
	// Receiver is F100.
	Receiver string
}

// Encode writes the reversal into m and replaces what m held.
func (r *Reversal) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIReversal
	if r.Advice {
		m.MTI = MTIReversalAdvice
	}
	if r.Repeat {
		m.MTI = m.MTI.Repeat()
	}
	r.Trace.encode(m)
	r.Origin.encode(m)
	m.setIf(FieldPAN, r.PAN.Reveal())
	m.setIf(FieldProcessing, r.Processing)
	setAmount(m, FieldAmount, r.Amount)
	m.setIf(FieldCapture, r.Capture)
	m.setIf(FieldRRN, r.RRN)
	m.Set(FieldCurrency, CurrencyRial)
	m.Set(FieldOriginal, r.Original.Format())
	m.setIf(FieldReplacement, r.Replacement)
	m.setIf(FieldReceiver, r.Receiver)
}

// Decode reads the reversal from a message that has passed Dialect.Check. A card number with a wrong check digit is a
// fault 14.
func (r *Reversal) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIReversal, MTIReversalRepeat, MTIReversalAdvice, MTIReversalAdviceRepeat)
	*r = Reversal{
		Advice: m.MTI.Original() == MTIReversalAdvice, Repeat: m.MTI.IsRepeat(),
		Processing: d.need(FieldProcessing), Amount: d.amount(FieldAmount), Capture: d.optional(FieldCapture, formDate), RRN: m.Get(FieldRRN),
		Original: d.original(), Replacement: m.Get(FieldReplacement), Receiver: m.Get(FieldReceiver),
	}
	r.Trace.decode(&d)
	r.Origin.decode(&d)
	if m.Has(FieldPAN) || m.Has(FieldTrack2) {
		var card Card
		card.decode(&d)
		r.PAN = card.PAN
	}
	return d.faults
}
