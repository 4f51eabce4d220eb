package switching

import (
	"context"
	"errors"
	"time"

	"treasury-switch/identity"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// Network is the card network as the switch sees it. Package shetab implements it.
type Network interface {
	// Authorise asks for a debit and waits for the answer until ctx ends. It must not write a byte after
	// debit.SendBefore. The error tells what is certain: fault.Unavailable, no byte was written; ErrUntrusted, an
	// answer came that cannot be believed; any other error, the debit may have been done.
	Authorise(ctx context.Context, debit Debit) (payment.Answered, error)
	// Reverse asks for a reversal and waits for the answer until ctx ends. After any error it is to be sent again.
	Reverse(ctx context.Context, reversal Reversal) (payment.ReversalAnswered, error)
	// Ready reports whether a link is signed on.
	Ready() bool
}

// ErrUntrusted: an answer is malformed or wrongly authenticated.
var ErrUntrusted = errors.New("the network's answer cannot be trusted")

// Debit is the request to the network: the durable intent, and the card data, which is nowhere else.
type Debit struct {
	Intent *payment.Intent
	Card   Card
	Bill   Bill
	// SendBefore is Intent.SendBefore on this process's monotonic clock, which clock steps do not move.
	SendBefore time.Time
}

// Bill identifies the bill, for the network's field 48. Empty for a purchase.
type Bill struct{ Organisation, BillID, PaymentID string }

// Reversal is a message of the 0400 class: 0420 the first time, 0421 after. Its own STAN and transmission time stay
// the same over all repeats.
type Reversal struct {
	Intent       *payment.Intent
	PAN          identity.PAN
	Amount       money.Rial
	STAN         int
	Transmission time.Time
	Repeat       bool
}
