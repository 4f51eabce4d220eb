package payment

import (
	"encoding/json"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/tariffs"
)

// Channel is the kind of device or page that a request came from.
type Channel string

// The channels, by the terminal type of field 25: 14, 43 and 59.
const (
	POS   Channel = "pos"
	Kiosk Channel = "kiosk"
	Web   Channel = "web"
)

// Key is the primary key of a payment: its agency, the local date of the request's identity and an id made of that
// identity (NewID), so that a repeat meets its original by primary key.
type Key struct {
	Agency   int32
	OpenedOn calendar.Date
	ID       [16]byte
}

// Identity is what makes two messages of a terminal the same request: acquirer, acceptor, terminal, STAN and the
// local date and time of the device (fields 32, 42, 41, 11, 13 and 12). A repeat keeps them all.
type Identity struct {
	Acquirer  string        // F32, or the listener's acquirer
	Acceptor  string        // F42
	Terminal  string        // F41
	STAN      string        // F11
	LocalDate calendar.Date // F13, in the year nearest to receipt
	LocalTime string        // F12, hhmmss
}

// Clock is the device's own date and time, as if it were UTC.
func (i Identity) Clock() time.Time {
	return i.LocalDate.Time().Add(time.Duration(SecondOf(i.LocalTime)) * time.Second)
}

// Share is one account's part of a payment.
type Share struct {
	Account ledger.AccountID `json:"a"`
	Amount  money.Rial       `json:"r"`
}

// Line is one component of the price, stored with the payment so that a repeat gets the answer that its original got.
type Line struct {
	Component string     `json:"c"`
	Amount    money.Rial `json:"r"`
	Citation  string     `json:"l,omitempty"`
}

// Price is the quote of a payment: what the payer owes, why, and who receives it. The shares sum to the amount of the
// payment.
type Price struct {
	Service  string  `json:"s"`
	Versions []int64 `json:"v,omitempty"` // of the tariff: first the version that decided the amounts
	Inputs
	By     tariffs.Decider `json:"g,omitempty"` // which day selected the tariff; empty: that of payment
	Lines  []Line          `json:"l,omitempty"`
	Shares []Share         `json:"h,omitempty"`

	text []byte // the whole price as JSON, if it is encoded already
}

// Text is the price as it is stored with the payment.
func (p *Price) Text() []byte {
	if p.text != nil {
		return p.text
	}
	text, _ := json.Marshal(p) // strings and integers only: it cannot fail
	return text
}

// Write encodes a price once that many payments will share.
func (p *Price) Write() { p.text, _ = json.Marshal(p) } // strings and integers only: it cannot fail

// Intent is the part of a payment that never changes: the request, its origin and price, and everything needed to
// undo it. It is durable before the first byte goes to the network.
type Intent struct {
	Key
	Identity
	Book        ledger.Book
	Channel     Channel
	Processing  string // F3
	Reference   string // the terminal's own F37, stored as its reference only
	RRN         RRN
	Amount      money.Rial
	Price       Price
	Fingerprint [16]byte // keyed hash of the content, to tell a repeat from a forgery
	First6      string
	Last4       string
	Token       [16]byte // keyed hash of the PAN
	Sealed      []byte   // the PAN under the key of KeyDay, for a later reversal
	KeyDay      calendar.Date
	OpenedAt    time.Time // of receipt; F7 of the outbound message is this instant in UTC
	SendBefore  time.Time // zero: never to be sent
	Deadline    time.Time // when the switch answers, come what may
	Feed        bool      // the agency asked to be told of its payments
}

// Sendable reports whether a debit for this intent was ever to be sent.
func (i *Intent) Sendable() bool { return !i.SendBefore.IsZero() }

// PAN is the displayable part of the card number: first six and last four digits.
func (i *Intent) PAN() string {
	if i.First6 == "" {
		return ""
	}
	return i.First6 + "******" + i.Last4
}
