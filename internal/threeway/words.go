package threeway

import (
	"math"
	"time"

	"treasury-switch/iso"
)

// refundClaimed is the reason with which a reversal is accepted although its day is settled: the payment stays, and a claim opens.
const refundClaimed = "refund_claimed"

// history sums up the words between the switch and a terminal about one purchase.
type history struct {
	*Told
	accepted time.Duration // when its first reversal was accepted
	undoing  bool          // a reversal may have arrived and was not refused
	asked    time.Duration // when it last asked for the debit
}

// never is later than everything.
const never = time.Duration(math.MaxInt64)

func historyOf(t *Told) history {
	h := history{Told: t, accepted: never}
	for _, w := range t.Words {
		switch {
		case w.reverses() && w.Code == iso.RC00Approved:
			h.accepted, h.undoing = min(h.accepted, w.Heard), true
		case w.reverses() && (w.means() == nothing || w.means() == notTaken):
			h.undoing = true
		case w.asks():
			h.asked = max(h.asked, w.Sent)
		}
	}
	return h
}

// terminals checks what a terminal was told against our payment and the network's debit.
func (c *comparison) terminals(t *Told) {
	h, payments := historyOf(t), c.ofRequest(t.Request)
	var live, debited *Payment
	for _, p := range payments {
		if p.Status == approved {
			live = p
		}
		if c.live[p.RRN] && !p.Case {
			debited = p
		}
	}
	for _, w := range t.Words {
		switch {
		case w.reverses():
		case w.means() == done:
			c.isThere(&h, w, live)
		case w.means() == undone:
			c.gone(RuleUnknown, &h, w, live, debited)
		case w.means() == notDone, w.means() == notTaken && h.asked <= w.Sent:
			c.gone(RuleDeclined, &h, w, live, debited)
		}
	}
	if h.accepted < never && (live == nil || !live.has(refundClaimed)) {
		c.gone(RuleReversed, &h, Word{MTI: iso.MTIReversalAdvice, Code: iso.RC00Approved}, live, debited)
	}
}

// isThere checks that a payment of which a terminal was told 00 exists, unless the terminal has taken it back.
func (c *comparison) isThere(h *history, w Word, live *Payment) {
	switch {
	case h.accepted < w.Sent && (live == nil || !live.has(refundClaimed)):
		c.find(RuleReversed, h.String(), "told 00 to %s after its reversal was accepted", w.MTI)
	case h.undoing:
		// It asked for the debit and its reversal, so either may be so.
	case live == nil:
		status, reason := "not recorded", ""
		for _, p := range c.ofRequest(h.Request) {
			status, reason = p.Status, p.Reason
		}
		c.find(RuleApproved, h.String(), "told 00 to %s, and the payment is %s (%s)", w.MTI, status, reason)
	case live.Amount != h.Amount:
		c.find(RuleApproved, h.String(), "told 00 for %s rial, and the payment is of %s", h.Amount.Grouped(), live.Amount.Grouped())
	case !c.live[live.RRN]:
		c.find(RuleApproved, h.String(), "told 00 to %s, and the network has no live debit of %s", w.MTI, live.RRN)
	}
}

// gone checks that nothing is left of a payment that a terminal was told was not made.
func (c *comparison) gone(rule string, h *history, w Word, live, debited *Payment) {
	switch {
	case live != nil:
		c.find(rule, h.String(), "told %s to %s, and %s is approved", w.Code, w.MTI, live.RRN)
	case debited != nil:
		c.find(rule, h.String(), "told %s to %s, and the network has a live debit of %s", w.Code, w.MTI, debited.RRN)
	}
}
