package terminal

import (
	"context"
	"slices"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	switching "treasury-switch/switch"
	"treasury-switch/switch/payment"
)

// noRRN is F37 in a 0210 for which no payment was recorded.
const noRRN = "000000000000"

// identifying are the fields without which a request has no identity.
var identifying = []int{iso.FieldTransmission, iso.FieldSTAN, iso.FieldLocalTime, iso.FieldLocalDate, iso.FieldTerminal, iso.FieldAcceptor}

// readPurchase reads a 0200 or 0201.
func (c *Channel) readPurchase(r *request) call {
	var p iso.Purchase
	var private iso.Private
	faults := p.Decode(r.m)
	if r.unserved() {
		// The mandatory fields of an unserved processing code are unknown: only its identity can be missing.
		faults = slices.DeleteFunc(faults, func(f iso.Fault) bool {
			return !r.m.Has(f.Field) && !slices.Contains(identifying, f.Field)
		})
	} else {
		private = r.private()
	}
	r.add(faults...)
	purchase := switching.Purchase{
		Identity:  c.identity(r, p.Origin, p.Trace, p.STAN),
		Repeat:    p.Repeat,
		Amount:    p.Amount,
		Reference: p.RRN,
		Card:      cardOf(&p),
		Tariff:    tariffRequest(&private),
		Content:   switching.Content{Operation: p.Processing, Currency: r.currency(), Text: r.m.Get(iso.FieldPrivate)},
		Bill:      r.bill(&private),
		Refused:   r.refusal(iso.ProcessingPurchase),
	}
	return call{
		kind: KindPurchase, keeps: r.refusedBySwitch(),
		ask:  func(ctx context.Context) switching.Answer { return c.config.Switch.Purchase(ctx, &purchase) },
		fill: func(out *iso.Message, a switching.Answer) { c.fillPurchase(r, out, a) },
	}
}

// cardOf copies the card data, which goes to the network unchanged.
func cardOf(p *iso.Purchase) switching.Card {
	return switching.Card{
		PAN: p.PAN, Track2: p.Track2, PINBlock: p.PINBlock, Expiry: p.Expiry,
		Entry: p.EntryMode, Chip: p.ChipData, Security: p.Card.Security,
	}
}

// unserved reports whether the processing code is well-formed and not served.
func (r *request) unserved() bool {
	return r.faulty(iso.FieldProcessing) && !r.misread(iso.FieldProcessing)
}

// refusal is the code for a refused value: a processing code of another kind, a currency that is not served, or a
// card number with a wrong check digit, or F2 and F35 of two cards.
func (r *request) refusal(kind string) payment.Code {
	has := func(code iso.Code) bool {
		return slices.ContainsFunc(r.faults, func(f iso.Fault) bool { return f.Code == code })
	}
	switch {
	case has(iso.RC12InvalidTransaction), r.m.Get(iso.FieldProcessing) != kind, r.currency() != iso.CurrencyRial:
		return payment.InvalidRequest
	case has(iso.RC14InvalidCard):
		return payment.InvalidCard
	}
	return ""
}

// refusedBySwitch reports whether the switch itself detects every refused value of the message: processing code and
// currency (12), an amount of zero (13), the card (14).
func (r *request) refusedBySwitch() bool {
	for _, f := range r.faults {
		switch {
		case f.Code == iso.RC12InvalidTransaction:
		case f.Code == iso.RC13InvalidAmount && f.Field == iso.FieldAmount:
		case f.Code == iso.RC14InvalidCard && (f.Field == iso.FieldPAN || f.Field == iso.FieldTrack2):
		default:
			return false
		}
	}
	return true
}

// fillPurchase completes a 0210. Its F4, F15 and F37 are mandatory, also if nothing was recorded.
func (c *Channel) fillPurchase(r *request, out *iso.Message, a switching.Answer) {
	out.Set(iso.FieldSettlement, iso.DayField(c.businessDay(r, a)))
	out.Set(iso.FieldRRN, noRRN)
	if !out.Has(iso.FieldAmount) {
		setAmount(out, 0) // an unserved processing code may come without an amount
	}
	if a.RRN != 0 {
		out.Set(iso.FieldRRN, a.RRN.String())
	}
	if a.Approval != "" {
		out.Set(iso.FieldApproval, a.Approval)
	}
	told := iso.Private{Tracking: string(a.Tracking), Decided: decided(a), Lines: c.lines(a.Lines)}
	if err := c.setPrivate(out, &told); err != nil {
		// The payment is made whether or not its lines fit.
		c.config.Logger.Error("the lines of a payment do not fit field 48", "rrn", a.RRN.String(), "error", err)
		told.Lines = nil
		_ = c.setPrivate(out, &told) // if not even the tracking code fits, F37 identifies the payment
	}
}

// setPrivate writes F48, if there is something to write; fault.Invalid if it does not fit.
func (c *Channel) setPrivate(out *iso.Message, told *iso.Private) error {
	text, err := told.Encode()
	switch {
	case err != nil:
		return err
	case text == "":
		return nil
	case !c.config.Dialect.Fits(iso.FieldPrivate, text):
		return fault.New(fault.Invalid, "%d bytes do not fit the dialect", len(text))
	}
	out.Set(iso.FieldPrivate, text)
	return nil
}
