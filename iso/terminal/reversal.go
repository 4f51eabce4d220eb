package terminal

import (
	"context"

	"treasury-switch/iso"
	switching "treasury-switch/switch"
)

// readReversal reads a 0400, 0401, 0420 or 0421. It carries the F12 and F13 of its original and a STAN of its own;
// F90 has the original's. F90's time is no part of the identity, and finds the original if F12 and F13 are the
// reversal's own.
func (c *Channel) readReversal(r *request) call {
	var v iso.Reversal
	r.add(v.Decode(r.m)...)
	if !r.faulty(iso.FieldOriginal) && v.Original.MTI.Original() != iso.MTIPurchase {
		// A reversal of a reversal, or of something that debits no card (G14).
		r.add(iso.Fault{Field: iso.FieldOriginal, Reason: "names no purchase", Code: iso.RC12InvalidTransaction})
	}
	if r.m.Has(iso.FieldReplacement) {
		r.malformed(iso.FieldReplacement, "asks for the reversal of a part, which is not served")
	}
	reversal := switching.ReversalRequest{
		Original: c.identity(r, v.Origin, v.Trace, v.Original.STAN),
		Sent:     sent(v.Original),
		Own:      v.Transmission,
		Advice:   v.Advice,
		Amount:   v.Amount,
		Card:     switching.Card{PAN: v.PAN},
	}
	return call{
		kind: KindReversal,
		ask:  func(ctx context.Context) switching.Answer { return c.config.Switch.Reverse(ctx, &reversal) },
		fill: fillReversal,
	}
}

// fillReversal completes a 0410 or 0430 with the payment's RRN, if there is a payment.
func fillReversal(out *iso.Message, a switching.Answer) {
	if a.RRN != 0 {
		out.Set(iso.FieldRRN, a.RRN.String())
	}
}
