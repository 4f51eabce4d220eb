package terminal

import (
	"slices"

	"treasury-switch/iso"
)

// followsUp reports whether a message is about an earlier payment: a repeat, a reversal or a status inquiry.
func followsUp(m *iso.Message) bool {
	switch m.MTI.Original() {
	case iso.MTIPurchase:
		return m.MTI.IsRepeat()
	case iso.MTIReversal, iso.MTIReversalAdvice:
		return true
	case iso.MTIInquiry:
		return m.Get(iso.FieldProcessing) == iso.ProcessingStatus
	}
	return false
}

// leavesOpen reports whether the sender of a message that is refused before its payment was looked for must not be
// told why: the payment may exist, and any code but 09 reads as a final answer about it. It makes no difference that
// the sender is unknown or untrusted: this node's list may be out of date, a key may have changed since the payment,
// and 09 tells a forger nothing. A reversal that was understood and asks for something that no node serves is told
// so.
func (r *request) leavesOpen(todo call, at Stage) bool {
	return followsUp(r.m) && !(at == AtForm && todo.kind == KindReversal && r.asksForMore())
}

// asksForMore reports whether a reversal is faulty only in what it asks for: a part of the amount, or to undo
// something other than a purchase.
func (r *request) asksForMore() bool {
	return !slices.ContainsFunc(r.faults, func(f iso.Fault) bool {
		return f.Field != iso.FieldReplacement && !(f.Field == iso.FieldOriginal && f.Code == iso.RC12InvalidTransaction)
	})
}
