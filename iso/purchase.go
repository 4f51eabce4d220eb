package iso

import (
	"treasury-switch/identity"
	"treasury-switch/internal/digits"
	"treasury-switch/money"
)

// Card is what a purchase says about the payer's card.
type Card struct {
	// PAN is F2, or the card number of the track where F2 is absent.
	PAN identity.PAN
	// Track2 is F35.
	Track2 identity.Track2
	// Expiry is F14, yymm as printed (Jalali on Iranian cards), passed on unchanged.
	Expiry identity.Secret
	// PINBlock is F52 and Security F53, its security control information.
	PINBlock identity.PINBlock
	Security identity.Secret
	// ChipData is F55, BER-TLV bytes.
	ChipData identity.Secret
}

func (c *Card) encode(m *Message) {
	m.setIf(2, c.PAN.Reveal())
	m.setIf(14, c.Expiry.Reveal())
	m.setIf(35, c.Track2.Reveal())
	setPINBlock(m, c.PINBlock)
	m.setIf(53, c.Security.Reveal())
	m.setIf(55, c.ChipData.Reveal())
}

func (c *Card) decode(d *decoder) {
	c.Expiry = identity.NewSecret(d.m.Get(14))
	c.Security = identity.NewSecret(d.m.Get(53))
	c.ChipData = identity.NewSecret(d.m.Get(55))
	c.PINBlock = d.pinBlock()
	c.PAN = d.pan()
	if !d.m.Has(35) {
		if !d.m.Has(2) {
			d.fault(2, "is missing, and so is F35", RC30FormatError)
		}
		return
	}
	var err error
	if c.Track2, err = identity.ParseTrack2(d.m.Get(35)); err != nil {
		d.fault(35, "is not track 2 data", RC30FormatError)
		return
	}
	onTrack, err := c.Track2.PAN()
	if !d.m.Has(2) {
		d.card(35, err)
		c.PAN = onTrack
		return
	}
	if !c.PAN.IsZero() && onTrack != c.PAN {
		d.fault(35, "is of another card than F2", RC14InvalidCard)
	}
}

// Purchase is a 0200 or its repeat 0201: a request to debit a card, from a
// terminal to the switch and from the switch to the network. The network wants
// more of the optional fields, see the presence rules of its dialect.
type Purchase struct {
	Repeat bool
	Trace
	Origin
	Card
	// Processing is F3, ProcessingPurchase or ProcessingBill.
	Processing string
	// Amount is F4 in rial, greater than zero.
	Amount money.Rial
	// Capture is F17 (MMDD), MerchantType F18, Country F19, EntryMode F22,
	// CardSequence F23, TerminalType F25, PINCapture F26; "" where absent.
	Capture, MerchantType, Country, EntryMode string
	CardSequence, TerminalType, PINCapture    string
	// RRN is F37: towards the network ours, from a terminal its own reference.
	RRN string
	// Place is F43 as bytes, see Dialect.EncodePlace.
	Place string
	// Private is F48: read it with ParsePrivate or ParseShetabPrivate.
	Private identity.Secret
	// Receiver is F100.
	Receiver string
}

// Encode writes the purchase into m, whatever m held before.
func (p *Purchase) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIPurchase
	if p.Repeat {
		m.MTI = MTIPurchaseRepeat
	}
	p.Trace.encode(m)
	p.Origin.encode(m)
	p.Card.encode(m)
	m.setIf(3, p.Processing)
	setAmount(m, 4, p.Amount)
	m.setIf(17, p.Capture)
	m.setIf(18, p.MerchantType)
	m.setIf(19, p.Country)
	m.setIf(22, p.EntryMode)
	m.setIf(23, p.CardSequence)
	m.setIf(25, p.TerminalType)
	m.setIf(26, p.PINCapture)
	m.setIf(37, p.RRN)
	m.setIf(43, p.Place)
	m.setIf(48, p.Private.Reveal())
	m.Set(49, CurrencyRial)
	m.setIf(100, p.Receiver)
}

// Decode reads the purchase from a message that Dialect.Check has passed. The
// faults that remain are the values: 14 for a card number with a wrong check
// digit, 13 for an amount of zero. What could be read is read in any case.
func (p *Purchase) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIPurchase, MTIPurchaseRepeat)
	*p = Purchase{
		Repeat: m.MTI.IsRepeat(), Processing: d.need(3), Amount: d.amount(4),
		Capture: d.optional(17, formDate), MerchantType: m.Get(18), Country: m.Get(19), EntryMode: m.Get(22),
		CardSequence: m.Get(23), TerminalType: m.Get(25), PINCapture: m.Get(26), RRN: m.Get(37),
		Place: m.Get(43), Private: identity.NewSecret(m.Get(48)), Receiver: m.Get(100),
	}
	p.Trace.decode(&d)
	p.Origin.decode(&d)
	p.Card.decode(&d)
	if p.Amount == 0 && digits.Only(m.Get(4)) && m.Has(4) {
		d.fault(4, "is zero", RC13InvalidAmount)
	}
	return d.faults
}

// Answer begins the answer: what an answer repeats of its request is filled in.
// The card number is not repeated to a terminal; the network does repeat it.
func (p *Purchase) Answer(code Code) PurchaseAnswer {
	return PurchaseAnswer{Trace: p.Trace, Origin: p.Origin, Processing: p.Processing, Amount: p.Amount, RRN: p.RRN, Code: code}
}
