package shetab

import (
	"context"
	"errors"
	"strings"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// Links sends a request to the card network and waits for its answer. *network.Pool implements it.
type Links interface {
	// Exchange sends m, unless sendBefore (if not zero) has passed by the monotonic clock. The answer matches m, see
	// network.Differences. Every error is network.ErrNotSent, ErrNoAnswer or ErrUntrusted.
	Exchange(ctx context.Context, m *iso.Message, sendBefore time.Time) (*iso.Message, error)
	// SignedOn reports whether any link takes requests.
	SignedOn() bool
}

// Acceptor is an agency as the network and the cardholder's statement show it.
type Acceptor struct {
	// Name and City are Persian; they are shortened to the 22 and 13 bytes of field 43.
	Name, City string
	// MerchantType is F18, four digits (ISO 18245); "" means DefaultMerchantType.
	MerchantType string
}

// DefaultMerchantType is 9399 of ISO 18245: government services, not classified
// elsewhere.
const DefaultMerchantType = "9399"

// Config is the agreement with the network.
type Config struct {
	// Dialect formats messages and classifies response codes.
	Dialect *iso.Dialect
	// Receiver is F100, the network's institution code, 1 to 11 digits.
	Receiver string
	// Acceptor returns how an agency is shown to cardholders; nil shows nothing.
	Acceptor func(agency int32) Acceptor
	// Now is the wall clock, time.Now if nil. It only completes dates without a year.
	Now func() time.Time
}

// complete fills in the defaults and refuses what cannot work (fault.Invalid).
func (c Config) complete() (Config, error) {
	if c.Dialect == nil {
		return c, fault.New(fault.Invalid, "card network: a dialect is needed")
	}
	if c.Receiver == "" || len(c.Receiver) > 11 || strings.Trim(c.Receiver, "0123456789") != "" {
		return c, fault.New(fault.Invalid, "card network: the receiver %q is not 1 to 11 digits", c.Receiver)
	}
	if c.Acceptor == nil {
		c.Acceptor = func(int32) Acceptor { return Acceptor{} }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}

// Network sends requests to the card network. It is safe for concurrent use.
type Network struct {
	config Config
	links  Links
	reader reader
}

var _ switching.Network = (*Network)(nil)

// New checks the configuration (fault.Invalid) and makes a network over links.
func New(config Config, links Links) (*Network, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	return &Network{config: config, links: links, reader: reader{dialect: config.Dialect, now: config.Now}}, nil
}

// Ready reports whether a link is signed on.
func (n *Network) Ready() bool { return n.links.SignedOn() }

// Authorise sends the 0200 of a debit and reads its 0210. Nothing is written after its SendBefore, which must carry a
// reading of the monotonic clock: a debit that was loaded from the database, or whose intent was never to be sent, is
// refused.
//
// The error is of kind fault.Unavailable if no byte was written, wraps switching.ErrUntrusted if an answer came that
// cannot be believed, and is of kind fault.Unknown otherwise.
func (n *Network) Authorise(ctx context.Context, debit switching.Debit) (payment.Answered, error) {
	intent := debit.Intent
	if !intent.Sendable() || !monotonic(debit.SendBefore) {
		return payment.Answered{}, fault.New(fault.Unavailable,
			"debit %s: it has no time on the monotonic clock before which it may be sent", intent.RRN)
	}
	m, err := n.purchase(debit)
	if err != nil {
		return payment.Answered{}, fault.New(fault.Unavailable, "debit %s: build the 0200: %w", intent.RRN, err)
	}
	answer, err := n.links.Exchange(ctx, m, debit.SendBefore)
	if err != nil {
		return payment.Answered{}, certain(err, "debit", intent.RRN)
	}
	said, err := n.reader.answered(answer)
	if err != nil {
		return payment.Answered{}, untrusted(err, "debit", intent.RRN)
	}
	return said, nil
}

// Reverse sends the 0420 of a reversal, or its repeat 0421, and reads the 0430. It sends at once: the switch decides
// when a reversal may leave. Errors are those of Authorise; after any of them it is sent again.
func (n *Network) Reverse(ctx context.Context, reversal switching.Reversal) (payment.ReversalAnswered, error) {
	rrn := reversal.Intent.RRN
	m, err := n.reversal(reversal)
	if err != nil {
		return payment.ReversalAnswered{}, fault.New(fault.Unavailable, "reversal of %s: build the 0420: %w", rrn, err)
	}
	answer, err := n.links.Exchange(ctx, m, time.Time{})
	if err != nil {
		return payment.ReversalAnswered{}, certain(err, "reversal of", rrn)
	}
	said, err := n.reader.reversed(answer)
	if err != nil {
		return payment.ReversalAnswered{}, untrusted(err, "reversal of", rrn)
	}
	return said, nil
}

// monotonic reports whether a time has a reading of the monotonic clock, which Round strips: without it a jump of the
// wall clock would move the limit.
func monotonic(t time.Time) bool { return t != t.Round(0) }

// certain sets the kind of an error of the links to what is certain.
func certain(err error, what string, rrn payment.RRN) error {
	switch {
	case errors.Is(err, network.ErrNotSent):
		return fault.New(fault.Unavailable, "%s %s: %w", what, rrn, err)
	case errors.Is(err, network.ErrUntrusted):
		return untrusted(err, what, rrn)
	}
	return fault.New(fault.Unknown, "%s %s: %w", what, rrn, err)
}

// untrusted: an answer came that cannot be believed.
func untrusted(err error, what string, rrn payment.RRN) error {
	return fault.New(fault.Unknown, "%s %s: %w: %w", what, rrn, switching.ErrUntrusted, err)
}
