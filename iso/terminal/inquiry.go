package terminal

import (
	"context"
	"fmt"

	"treasury-switch/iso"
	"treasury-switch/money"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// readTariffInquiry reads a 0100 with F3 380000: the price of a service.
func (c *Channel) readTariffInquiry(r *request) call {
	var q iso.TariffInquiry
	r.add(q.Decode(r.m)...)
	private := r.private()
	inquiry := switching.Inquiry{
		Acceptor: q.Acceptor, Terminal: q.Terminal, Refused: r.refusal(iso.ProcessingTariff), Tariff: tariffRequest(&private),
	}
	return call{
		kind: KindTariff, keeps: r.refusedBySwitch(),
		ask:  func(ctx context.Context) switching.Answer { return c.config.Switch.Inquire(ctx, &inquiry) },
		fill: func(out *iso.Message, a switching.Answer) { c.fillTariff(r, out, a, private.Service) },
	}
}

// fillTariff completes the 0110: the total, and its lines with their legal basis. A refusal repeats the request's
// values, because F4 and F48 are mandatory.
func (c *Channel) fillTariff(r *request, out *iso.Message, a switching.Answer, service string) {
	setAmount(out, 0)
	if r.m.Get(iso.FieldPrivate) != "" {
		out.Set(iso.FieldPrivate, r.m.Get(iso.FieldPrivate))
	}
	if a.Code != payment.OK {
		return
	}
	told := iso.Private{Service: service, Decided: decided(a), Lines: c.lines(a.Lines)}
	if err := c.setPrivate(out, &told); err != nil {
		// A price is told with all its lines or not at all: the law requires the receipt to list what was charged.
		c.config.Logger.Error("the lines of a quote do not fit field 48", "service", service, "error", err)
		c.setCode(out, iso.RC96SystemMalfunction)
		return
	}
	setAmount(out, a.Amount)
}

// readStatusInquiry reads a 0100 with F3 380001: the outcome of the transaction in F90. Like a reversal it carries
// the F12 and F13 of its original.
func (c *Channel) readStatusInquiry(r *request) call {
	var q iso.StatusInquiry
	r.add(q.Decode(r.m)...)
	inquiry := switching.StatusInquiry{
		Original: c.identity(r, q.Origin, q.Trace, q.Original.STAN),
		Sent:     sent(q.Original),
		Own:      q.Transmission,
		Amount:   q.Amount,
		Card:     switching.Card{PAN: q.PAN},
	}
	return call{
		kind: KindStatus,
		ask:  func(ctx context.Context) switching.Answer { return c.config.Switch.Status(ctx, &inquiry) },
		fill: c.fillStatus,
	}
}

// fillStatus completes the 0110: the original's F4, F37 and tracking code; the code is the answer's own.
func (c *Channel) fillStatus(out *iso.Message, a switching.Answer) {
	if a.Amount > 0 {
		setAmount(out, a.Amount)
	}
	if a.RRN != 0 {
		out.Set(iso.FieldRRN, a.RRN.String())
	}
	_ = c.setPrivate(out, &iso.Private{Tracking: string(a.Tracking)}) // the outcome is told whether or not the tracking code fits
}

// setAmount writes F4. The switch has checked its amounts against the limit of F4.
func setAmount(out *iso.Message, amount money.Rial) {
	out.Set(iso.FieldAmount, fmt.Sprintf("%012d", int64(amount)))
}
