package terminal

import (
	"slices"

	"treasury-switch/iso"
)

// followsUp says whether a message is about an earlier payment: a repeat, a reversal or a status inquiry.
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

// leavesOpen says whether a message that is refused before its payment was looked for must not hear
// why: the payment may stand, and any code but 09 reads as a final word on it. That its sender is not
// known or not trusted makes no difference: the list of this node may be late, a key may have been
// changed since the payment, and 09 tells a forger nothing. A reversal that was understood and asks
// for what no node ever serves hears so.
func (r *request) leavesOpen(todo call, at Stage) bool {
	return followsUp(r.m) && !(at == AtForm && todo.kind == KindReversal && r.asksForMore())
}

// asksForMore says whether nothing is wrong with a reversal but what it asks for: a part of the
// amount, or to undo what is no purchase.
func (r *request) asksForMore() bool {
	return !slices.ContainsFunc(r.faults, func(f iso.Fault) bool {
		return f.Field != iso.FieldReplacement && !(f.Field == iso.FieldOriginal && f.Code == iso.RC12InvalidTransaction)
	})
}
