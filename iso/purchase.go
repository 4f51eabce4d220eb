package iso

import (
	"treasury-switch/identity"
	"treasury-switch/internal/digits"
	"treasury-switch/money"
)

// Card is the card data of a purchase.
type Card struct {
	// PAN is F2, or the card number of the track if F2 is absent.
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
	m.setIf(FieldPAN, c.PAN.Reveal())
	m.setIf(FieldExpiry, c.Expiry.Reveal())
	m.setIf(FieldTrack2, c.Track2.Reveal())
	setPINBlock(m, c.PINBlock)
	m.setIf(FieldSecurity, c.Security.Reveal())
	m.setIf(FieldChip, c.ChipData.Reveal())
}

func (c *Card) decode(d *decoder) {
	c.Expiry = identity.NewSecret(d.m.Get(FieldExpiry))
	c.Security = identity.NewSecret(d.m.Get(FieldSecurity))
	c.ChipData = identity.NewSecret(d.m.Get(FieldChip))
	c.PINBlock = d.pinBlock()
	c.PAN = d.pan()
	if !d.m.Has(FieldTrack2) {
		if !d.m.Has(FieldPAN) {
			d.fault(FieldPAN, "is missing, and so is F35", RC30FormatError)
		}
		return
	}
	var err error
	if c.Track2, err = identity.ParseTrack2(d.m.Get(FieldTrack2)); err != nil {
		d.fault(FieldTrack2, "is not track 2 data", RC30FormatError)
		return
	}
	onTrack, err := c.Track2.PAN()
	if !d.m.Has(FieldPAN) {
		d.card(FieldTrack2, err)
		c.PAN = onTrack
		return
	}
	if !c.PAN.IsZero() && onTrack != c.PAN {
		d.fault(FieldTrack2, "is of another card than F2", RC14InvalidCard)
	}
}

// Purchase is a 0200 or its repeat 0201: a request to debit a card, from a terminal to the switch and from the switch
// to the network. The network requires more of the optional fields, see the presence rules of its dialect.
type Purchase struct {
	Repeat bool
	Trace
	Origin
	Card
	// Processing is F3, ProcessingPurchase or ProcessingBill.
	Processing string
	// Amount is F4 in rial, greater than zero.
	Amount money.Rial
	// Capture is F17 (MMDD), MerchantType F18, Country F19, EntryMode F22, CardSequence F23, TerminalType F25,
	// PINCapture F26; "" if absent.
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

// Encode writes the purchase into m and replaces what m held.
func (p *Purchase) Encode(m *Message) {
	m.Reset()
	m.MTI = MTIPurchase
	if p.Repeat {
		m.MTI = MTIPurchaseRepeat
	}
	p.Trace.encode(m)
	p.Origin.encode(m)
	p.Card.encode(m)
	m.setIf(FieldProcessing, p.Processing)
	setAmount(m, FieldAmount, p.Amount)
	m.setIf(FieldCapture, p.Capture)
	m.setIf(FieldMerchantType, p.MerchantType)
	m.setIf(FieldCountry, p.Country)
	m.setIf(FieldEntryMode, p.EntryMode)
	m.setIf(FieldCardSequence, p.CardSequence)
	m.setIf(FieldTerminalType, p.TerminalType)
	m.setIf(FieldPINCapture, p.PINCapture)
	m.setIf(FieldRRN, p.RRN)
	m.setIf(FieldPlace, p.Place)
	m.setIf(FieldPrivate, p.Private.Reveal())
	m.Set(FieldCurrency, CurrencyRial)
	m.setIf(FieldReceiver, p.Receiver)
}

// Decode reads the purchase from a message that has passed Dialect.Check. The remaining faults concern values: 14 for
// a card number with a wrong check digit, 13 for an amount of zero. All readable values are set in any case.
func (p *Purchase) Decode(m *Message) Faults {
	d := decoder{m: m}
	d.expect(MTIPurchase, MTIPurchaseRepeat)
	*p = Purchase{
		Repeat: m.MTI.IsRepeat(), Processing: d.need(FieldProcessing), Amount: d.amount(FieldAmount),
		Capture: d.optional(FieldCapture, formDate), MerchantType: m.Get(FieldMerchantType), Country: m.Get(FieldCountry), EntryMode: m.Get(FieldEntryMode),
		CardSequence: m.Get(FieldCardSequence), TerminalType: m.Get(FieldTerminalType), PINCapture: m.Get(FieldPINCapture), RRN: m.Get(FieldRRN),
		Place: m.Get(FieldPlace), Private: identity.NewSecret(m.Get(FieldPrivate)), Receiver: m.Get(FieldReceiver),
	}
	p.Trace.decode(&d)
	p.Origin.decode(&d)
	p.Card.decode(&d)
	if p.Amount == 0 && digits.Only(m.Get(FieldAmount)) && m.Has(FieldAmount) {
		d.fault(FieldAmount, "is zero", RC13InvalidAmount)
	}
	return d.faults
}
