package switching

import (
	"treasury-switch/calendar"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// Purchase is a well-formed request to debit a card for a public service.
type Purchase struct {
	payment.Identity
	Repeat    bool // the same request was sent before, and may have been answered
	Amount    money.Rial
	Reference string // the terminal's own reference
	Card      Card
	Tariff    tariffs.Request // the service and the inputs of its price; the switch sets the date
	Content   Content
	Bill      Bill
	// Refused is the channel's objection, recorded like every refusal: 14 for a card number that fails its check
	// digit, 12 for an operation or a currency that is not served; otherwise empty.
	Refused payment.Code
}

// Content is what repeats of a request must not change, besides card and amount, as its channel writes it.
type Content struct {
	Operation string // the kind of transaction: F3 of a terminal
	Currency  string // ISO 4217, numeric
	Text      string // the private data as they came
}

// under returns the same request with another identity.
func (p *Purchase) under(i payment.Identity) *Purchase {
	same := *p
	same.Identity = i
	return &same
}

// Inquiry asks for the price of a service. It stores nothing.
type Inquiry struct {
	Acceptor string
	Terminal string
	Refused  payment.Code // as in Purchase
	Tariff   tariffs.Request
}

// ReversalRequest asks to undo a payment: 0400, or 0420 as an Advice that cannot be refused.
type ReversalRequest struct {
	Original payment.Identity // of the payment: F12 and F13 are the original's or the message's own; the STAN is F90's
	Sent     string           // F90's time, MMDDhhmmss in UTC; "" if unknown
	Own      string           // the message's own F7
	Advice   bool
	Amount   money.Rial // F4, must be the payment's
	Card     Card       // zero if the message names none; otherwise must be the payment's
}

// StatusInquiry asks for the outcome of a payment.
type StatusInquiry struct {
	Original payment.Identity // as in a ReversalRequest
	Sent     string           // as in a ReversalRequest
	Own      string
	Amount   money.Rial // F4; 0 if the message names none
	Card     Card       // zero if the message names none
}

// Answer is the reply to a channel: the code, and the payment's data as far as there is a payment.
type Answer struct {
	Code        payment.Code
	RRN         payment.RRN
	Tracking    payment.Tracking
	Approval    string
	BusinessDay calendar.Date
	Amount      money.Rial
	Lines       []payment.Line
	Decided     calendar.Date   // the day that selected the tariff, if there are lines
	DecidedBy   tariffs.Decider // which of the request's days that is
}

// answerOf describes a payment with a code.
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

// refuse is an answer without a recorded payment.
func refuse(c payment.Code) Answer { return Answer{Code: c} }
