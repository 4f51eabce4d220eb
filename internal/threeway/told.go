package threeway

import (
	"time"

	"treasury-switch/iso"
	"treasury-switch/money"
)

// Told is all that a terminal was told about a purchase.
type Told struct {
	Request
	Amount money.Rial
	Words  []Word
}

// Word is a terminal's message about a purchase, and its answer.
type Word struct {
	MTI iso.MTI // 0200, 0201; 0100 for a status inquiry; 0400, 0420 and their repeats
	// Code is F39 of the answer, "" where none came although the message may have arrived.
	Code iso.Code
	// Node is the node that answered, for people.
	Node string
	// Sent and Heard are when the message left and when its answer came, on any one clock: only their order counts.
	Sent, Heard time.Duration
}

// asks reports whether the message asks for the debit.
func (w Word) asks() bool { return w.MTI.Original() == iso.MTIPurchase }

// reverses reports whether the message asks to take it back.
func (w Word) reverses() bool {
	return w.MTI.Original() == iso.MTIReversal || w.MTI.Original() == iso.MTIReversalAdvice
}

// meaning is what a terminal may rely on after an answer.
type meaning uint8

const (
	nothing  meaning = iota // it has to ask again, or to reverse
	done                    // the card is debited and the agency credited
	undone                  // may have been done, and is certainly taken back
	notDone                 // not done, and never will be
	notTaken                // not done by this message nor by an earlier one; the identity was not taken, so the next may be
)

// meanings of the codes that are not plain refusals. A refusal takes the request's identity with it, unless the message was not
// understood, its terminal not served, or nothing could be recorded.
var meanings = map[iso.Code]meaning{
	"": nothing, iso.RC09InProgress: nothing, iso.RC94Duplicate: nothing,
	iso.RC00Approved: done, iso.RC68AnsweredTooLate: undone,
	iso.RC30FormatError: notTaken, iso.RC58NotPermittedTerminal: notTaken, iso.RC63SecurityViolation: notTaken, iso.RC91Inoperative: notTaken,
	iso.RC96SystemMalfunction: notTaken,
}

// means is the meaning of an answer to a purchase or to an inquiry about it.
func (w Word) means() meaning {
	if m, special := meanings[w.Code]; special {
		return m
	}
	return notDone
}

// RequestOf identifies the purchase that a terminal's message is, or is about.
func RequestOf(m *iso.Message) Request {
	r := Request{Terminal: m.Get(iso.FieldTerminal), STAN: m.Get(iso.FieldSTAN), Local: m.Get(iso.FieldLocalDate) + m.Get(iso.FieldLocalTime)}
	if m.Has(iso.FieldOriginal) {
		r.STAN = m.Get(iso.FieldOriginal)[4:10] // F90 begins with the original's type and its F11.
	}
	return r
}
