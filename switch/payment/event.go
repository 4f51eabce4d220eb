package payment

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// Event is something that happened to a payment. The types below are all there are; [Decide] has a rule for each of
// them in every status.
type Event interface{ event() }

// Word is what an answer of the network says about the debit. The mapping from codes is data of the network's
// dialect.
type Word uint8

// The network's words about a debit.
const (
	SaidUnknown  Word = iota // the outcome is unknown: 06, 09, 68, 94, 96 and any code we do not know
	SaidApproved             // 00
	SaidPartial              // 10, approved for less
	SaidDeclined             // final: the card was not debited
)

// Requested is a purchase that reached the switch, priced and checked. A Refusal means that a rule of ours forbids
// it; it takes its identity even so.
type Requested struct {
	Intent  *Intent
	Refusal Code
	Today   calendar.Date // the current business day, which a refusal carries
}

// Answered is an answer of the network to the debit, in time or late.
type Answered struct {
	Word     Word
	Code     Code
	Approval string        // F38
	Amount   money.Rial    // F4 of the answer
	Currency bool          // F49 is the currency that was asked
	Day      calendar.Date // F15, the network's financial day
	Strange  bool          // the day is too far from Tehran's date to be believed
	At       time.Time     // of receipt, in database time: an approval after the payment's deadline is not posted any more
}

// Silence is the absence of a trustworthy answer after bytes may have left: no answer in time, a broken link, an
// untrustworthy answer, a crash.
type Silence struct {
	Reason Reason
	Today  calendar.Date // the current business day, which the answer to the terminal carries
}

// Misaddressed is an answer of the network that names the payment but belongs to another: fields that must match
// differ. It says nothing about the payment.
type Misaddressed struct{}

// NetworkReversed is a reversal that the network starts by itself.
type NetworkReversed struct{ Today calendar.Date }

// Undelivered: no byte of the debit ever left.
type Undelivered struct{ Today calendar.Date }

// LedgerRefused: the ledger refused to post the network's approval, because an account is not open, the business day
// is closed, or a constraint failed.
type LedgerRefused struct {
	Reason   Reason // PostingFailed or DayClosed
	Approval Answered
}

// ReversalAsked is a reversal from the terminal: 0400, or the advice 0420 that cannot be refused. Tombstone is the
// intent to write if the original is unknown. Says is compared with whatever is found, also with a record that wins
// against this one.
type ReversalAsked struct {
	Says      Content
	Advice    bool
	Settled   bool          // the payment's business day is closed for settlement
	Today     calendar.Date // the current business day, which dates the contra journal
	Tombstone *Intent
}

// PerhapsReversed is an accepted reversal that names this payment or another: only a person can tell which. Open: a
// person has a case of the payment already.
type PerhapsReversed struct{ Open bool }

// Content is what a reversal repeats of its original.
type Content struct {
	Amount money.Rial // F4
	Card   *[16]byte  // token of F2; nil: not named
}

// StatusAsked is a status inquiry for a payment that was not found. Tombstone is the intent to write, so that what
// was told as unknown stays unknown.
type StatusAsked struct {
	Today     calendar.Date // the current business day, which the answer carries
	Tombstone *Intent
}

// ReversalWord is what an answer says about our reversal.
type ReversalWord uint8

// The network's words about a reversal.
const (
	ReversalUnclear  ReversalWord = iota // try again: 91, 96, an unknown code, no answer
	ReversalDone                         // 00, 10, 21, 94
	ReversalNotFound                     // 25
	ReversalRefused                      // 30 and the like: a hard reject
)

// ReversalAnswered is the network's answer, or silence, to our reversal.
type ReversalAnswered struct {
	Word    ReversalWord
	Code    Code
	Day     calendar.Date // F15 of the answer, or the current business day
	Tries   int           // including this time
	Rejects int           // hard rejects of this reversal before this one
	Limit   int           // hard rejects before a person must look
}

// OperatorsDecided is the decision of two persons about a case.
type OperatorsDecided struct {
	Outcome        Status // Approved or Reversed
	Maker, Checker string
	Today          calendar.Date
}

func (Requested) event()        {}
func (Answered) event()         {}
func (Silence) event()          {}
func (Misaddressed) event()     {}
func (NetworkReversed) event()  {}
func (Undelivered) event()      {}
func (LedgerRefused) event()    {}
func (StatusAsked) event()      {}
func (ReversalAsked) event()    {}
func (PerhapsReversed) event()  {}
func (ReversalAnswered) event() {}
func (OperatorsDecided) event() {}
