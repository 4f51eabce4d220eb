package switching

import (
	"treasury-switch/calendar"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// Purchase is a request to debit a card for a public service, free of faults of
// form.
type Purchase struct {
	payment.Identity
	Repeat    bool // the same request was sent before, and may have been answered
	Amount    money.Rial
	Reference string // the terminal's own
	Card      Card
	Tariff    tariffs.Request // the service and what its price depends on; the date is set by the switch
	Content   Content
	Bill      Bill
	// Refused is what its channel finds wrong with it, which is recorded like every refusal: 14 for a card number without its check digit,
	// 12 for an operation or a currency that is not served; empty if nothing is.
	Refused payment.Code
}

// Content is what must not change between repeats of a request, beside its card and its amount, as its channel writes it.
type Content struct {
	Operation string // what kind of transaction it is: F3 of a terminal
	Currency  string // ISO 4217, numeric
	Text      string // the private data as they came
}

// under is the same request with another identity.
func (p *Purchase) under(i payment.Identity) *Purchase {
	same := *p
	same.Identity = i
	return &same
}

// Inquiry asks what a service costs. It stores nothing.
type Inquiry struct {
	Acceptor string
	Terminal string
	Refused  payment.Code // as of a Purchase
	Tariff   tariffs.Request
}

// ReversalRequest asks to undo a payment: 0400, or 0420 as an Advice that
// cannot be refused.
type ReversalRequest struct {
	Original payment.Identity // of the payment: F12 and F13 as in the original, or else the message's own; F90's STAN
	Sent     string           // F90's time, MMDDhhmmss in UTC; "" if it is not known
	Own      string           // F7 of the message itself
	Advice   bool
	Amount   money.Rial // F4, must be the payment's
	Card     Card       // zero if the message names none; otherwise must be the payment's
}

// StatusInquiry asks what became of a payment.
type StatusInquiry struct {
	Original payment.Identity // as in a ReversalRequest
	Sent     string           // as there
	Own      string
	Amount   money.Rial // F4; 0 if the message names none
	Card     Card       // zero if the message names none
}

// Answer is what a channel is told. Codes refuse; the rest describes the
// payment as far as there is one.
type Answer struct {
	Code        payment.Code
	RRN         payment.RRN
	Tracking    payment.Tracking
	Approval    string
	BusinessDay calendar.Date
	Amount      money.Rial
	Lines       []payment.Line
	Decided     calendar.Date   // the day that chose the tariff, where there are lines
	DecidedBy   tariffs.Decider // which of the request's days it is
}

// answerOf describes a payment under a code.
func answerOf(p *payment.Payment, c payment.Code) Answer {
	a := Answer{Code: c, RRN: p.RRN, BusinessDay: p.Dated, Amount: p.Amount, Lines: p.Price.Lines, Tracking: p.Tracking()}
	if len(a.Lines) > 0 {
		a.Decided, a.DecidedBy = p.Price.Decided(calendar.DateOf(p.OpenedAt))
	}
	if c == payment.OK {
		a.Approval = p.Approval
	}
	return a
}

// refuse is an answer for which no payment is recorded.
func refuse(c payment.Code) Answer { return Answer{Code: c} }
