package payment

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// Payment is one attempt to debit one card for one request: the intent and its records, folded in their order by
// [Payment.After].
type Payment struct {
	*Intent     // shared and never changed
	Status      Status
	Version     int16 // of the last record; 0 none
	Reason      Reason
	Network     Code          // the network's last F39
	Told        Code          // F39 that the terminal was told, or would have been
	Approval    string        // F38
	BusinessDay calendar.Date // F15 of the approval
	Dated       calendar.Date // F15 of the answer to the terminal: of the first record that has one
	Held        money.Rial    // the debit that the network reports, posted or not; 0: none
	Posted      int16         // version of the journal that credited the shares; 0 none
	Suspended   int16         // version of the journal that put the money in suspense; 0 none
	NotFound    int           // answers 25 to our reversal since it was queued
	Doubted     bool          // a reversal was queued at some time: never tell 'approved' again
	Cancelled   bool          // the terminal asked for the reversal
	Claimed     bool          // a refund is claimed: the day was settled when the reversal came
	Meant       bool          // an accepted reversal may have meant it, and a case is open
	Empty       bool          // reversed because there was nothing to reverse
	Misnamed    bool          // an answer that belongs to another payment named it, and is recorded
	Undone      bool          // the network reversed it by itself, and a case is open
}

// Record is one row of a payment's history: what happened, and what the payment became. Records are inserted once and
// never changed. A record that repeats the status before it is evidence: it changes no money.
type Record struct {
	Version     int16
	Was         Status
	Status      Status
	Reason      Reason
	Actor       string        // "switch", "network", "terminal", or the persons who decided
	Network     Code          // F39 of the network, if it spoke
	Told        Code          // F39 for the terminal, if this decides it
	Approval    string        // F38
	BusinessDay calendar.Date // of the journal, or of the network's answer
	Held        money.Rial    // what the network said it debited, if it did
	PlanID      int64         // the plan that wrote it; unique per node and lane
	At          time.Time
}

// After returns the payment after a record. Loading a payment folds its records with it, and Decide predicts with it,
// so that the two can never disagree.
func (p Payment) After(r Record) Payment {
	p.Version = r.Version
	if r.Reason == AnswerMismatch {
		p.Misnamed = true // it says nothing about the payment
		return p
	}
	p.Reason = r.Reason
	p.Undone = p.Undone || r.Reason == NetworkReversal
	if p.Dated.IsZero() && r.Reason != DayNotBelieved {
		p.Dated = r.BusinessDay
	}
	p.keepWord(r)
	switch {
	case r.Status == r.Was:
		p.keepEvidence(r)
	case r.Status == Approved:
		p.Posted, p.Suspended, p.BusinessDay = r.Version, 0, r.BusinessDay
	case r.Status == Reversing:
		p.enterReversing(r)
	case r.Status == Reversed:
		p.Empty = r.Reason == NothingToReverse
		p.Suspended = 0
	case r.Status == Case && p.Held > 0 && p.Suspended == 0:
		p.Suspended = r.Version
	}
	p.Status = r.Status
	return p
}

func (p *Payment) keepWord(r Record) {
	if r.Network != "" {
		p.Network = r.Network
	}
	if r.Told != "" {
		p.Told = r.Told
	}
	if r.Approval != "" {
		p.Approval = r.Approval
	}
	if r.Held > 0 {
		p.Held = r.Held
	}
}

func (p *Payment) keepEvidence(r Record) {
	switch r.Reason {
	case NotFoundOnce:
		p.NotFound++
	case RefundClaimed:
		p.Claimed = true
	case OriginalUnmatched:
		p.Meant = true
	}
}

func (p *Payment) enterReversing(r Record) {
	if r.Was == Approved {
		p.Suspended = r.Version
	}
	p.Doubted, p.Empty, p.NotFound = true, false, 0
	p.Posted = 0
	p.Cancelled = p.Cancelled || r.Reason == ByTerminal
}

// Answer is the response code for a repeat of the payment's request: the stored answer, except that nobody is told
// 'approved' once a reversal was queued (rule 4 of recovery).
func (p *Payment) Answer() Code {
	switch {
	case p.Status == Pending:
		return InProgress
	case p.Status == Approved && !p.Doubted:
		return OK
	case p.Cancelled:
		return InvalidRequest
	case p.Told == "" || p.Told == OK:
		return OutcomeUnknown
	}
	return p.Told
}

// StatusAnswer is the response code for a status inquiry: that of the payment's request, and 25 if an earlier inquiry
// was told so.
func (p *Payment) StatusAnswer() Code {
	if p.Status == Declined && p.Reason == AskedFirst {
		return NoOriginal
	}
	return p.Answer()
}

// Tombstone reports whether the payment is only the trace of a reversal or a status inquiry that came before its
// original.
func (p *Payment) Tombstone() bool {
	return p.Status == Declined && (p.Reason == ReversedFirst || p.Reason == AskedFirst)
}
