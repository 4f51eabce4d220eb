package payment

// Status is the state of a payment: the status of its last record; a payment without one is Pending.
type Status string

const (
	// None is the status of a payment that does not exist.
	None Status = ""
	// Pending: the intent is durable; a debit may have been asked for.
	Pending Status = "PENDING"
	// Approved: the network debited the card and the ledger carries the shares.
	Approved Status = "APPROVED"
	// Declined: the card was certainly not debited by us.
	Declined Status = "DECLINED"
	// Reversing: the debit may have happened or must be undone; a reversal is queued.
	Reversing Status = "REVERSING"
	// Reversed: the network accepted the reversal, or had nothing to reverse.
	Reversed Status = "REVERSED"
	// Case: only two persons can say what became of the money.
	Case Status = "CASE"
)

// next holds the allowed changes of status. A record of evidence, which changes nothing, repeats the status. The same
// pairs are in a CHECK on table event.
var next = map[Status][]Status{
	None:      {Pending, Declined},
	Pending:   {Approved, Declined, Reversing},
	Approved:  {Reversing, Approved},
	Declined:  {Declined},
	Reversing: {Reversed, Case, Reversing},
	Reversed:  {Reversing, Reversed},
	Case:      {Reversed, Approved, Case},
}

// Allowed reports whether a payment may go from one status to another. Two equal statuses mean evidence that changes
// nothing.
func Allowed(from, to Status) bool {
	for _, s := range next[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Reason is why a payment has its status. Reasons are part of the record: their texts never change meaning.
type Reason string

const (
	// By the network's answer.
	ByNetwork       Reason = "network"          // approved or finally declined
	UnknownCode     Reason = "unknown_code"     // an answer that does not say whether the card was debited
	UntrustedAnswer Reason = "untrusted_answer" // malformed or wrongly authenticated (D10)
	AmountDiffers   Reason = "amount_differs"   // matches the key, not the amount or currency (D9)
	PartialApproval Reason = "partial_approval" // approved for less than asked, not requested (D11)
	LateApproval    Reason = "late_approval"    // evidence of a debit after we gave up (D3, D4)
	LateDecline     Reason = "late_decline"     // evidence only, a queued reversal stays (D5)
	ConflictingWord Reason = "conflicting_word" // an answer that contradicts an earlier one (D7)
	AnswerMismatch  Reason = "answer_mismatch"  // an answer that names the payment but belongs to another (D16, D17)
	NetworkReversal Reason = "network_reversal" // the network reverses by itself (D19)

	// Our own decision before anything was sent.
	Refused       Reason = "refused"        // by a rule of ours; the code says which
	NotSent       Reason = "not_sent"       // no link, or too late to send: certainly not done (C5)
	ReversedFirst Reason = "reversed_first" // its reversal came before it: a tombstone (A9, A12)
	AskedFirst    Reason = "asked_first"    // its status inquiry came before it and was told 25: a tombstone

	// Doubt.
	NoAnswer      Reason = "no_answer"      // silence after the bytes may have left (C2-C4, C6, D1)
	Interrupted   Reason = "interrupted"    // found without an outcome after a crash (C1, C3, D13)
	PostingFailed Reason = "posting_failed" // the ledger refused an approval (E3)
	DayClosed     Reason = "day_closed"     // approved for a business day that is closed
	// DayNotBelieved: approved for a business day that is too far from Tehran's date to be believed (D20). The record
	// keeps that day.
	DayNotBelieved Reason = "day_not_believed"

	// Reversals.
	ByTerminal       Reason = "terminal_reversal"  // the terminal asked for it
	ReversalAccepted Reason = "reversal_accepted"  // the network took it back (G5, G8)
	NotFoundOnce     Reason = "original_not_found" // first 25: the reversal may have overtaken its original
	NothingToReverse Reason = "nothing_to_reverse" // second 25: closed (G6)
	NotFoundButHeld  Reason = "not_found_but_held" // 25 although we hold an approval (G7)
	ReversalRejected Reason = "reversal_rejected"  // hard rejects up to the limit (G9)
	RefundClaimed    Reason = "refund_claimed"     // reversal asked after the day was settled (F6)
	ByOperators      Reason = "operators"          // two persons decided a case

	// Alarms without a record.
	ContentDiffers   Reason = "content_differs"   // an identity repeated with other content (A7)
	BrokenOff        Reason = "broken_off"        // a bug ended the work on a payment
	StatementRefused Reason = "statement_refused" // a bug: the database refuses a statement of the recorder
	ForeignReversal  Reason = "foreign_reversal"  // the network reverses a payment that is not ours (D19)

	KeyKept  Reason = "key_kept"  // the card key of a past day could not be checked or destroyed
	NotEnded Reason = "not_ended" // a payment without an outcome could not be ended; it is tried again

	// OriginalUnmatched: the payment that a terminal's message names is not found or ambiguous (A12, A17). On a payment:
	// an accepted reversal may mean it.
	OriginalUnmatched Reason = "original_unmatched"
)
