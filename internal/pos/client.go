package pos

import (
	"context"
	"errors"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
)

// ErrNoAnswer means that the message was sent and no answer came in time: the switch may have done what was asked. Its kind
// is fault.Unknown.
var ErrNoAnswer = errors.New("no answer")

// Client sends messages as a terminal does, one at a time, each on a connection of its own.
type Client struct {
	Address string
	Codec   sealed.Codec
	Wait    time.Duration // for the answer
	Now     func() time.Time
}

// Exchange is a message and its answer. Answer is nil if none came, and Sent is zero if nothing was sent.
type Exchange struct {
	Request, Answer *iso.Message
	Sent, Received  time.Time
}

// Code is the answer's F39, empty without one.
func (e Exchange) Code() iso.Code {
	if e.Answer == nil {
		return ""
	}
	return Code(e.Answer)
}

// Took is the time from the request to the answer.
func (e Exchange) Took() time.Duration { return e.Received.Sub(e.Sent) }

// Do sends a message and waits for its answer. fault.Unavailable: it was not sent; fault.Invalid: it cannot be packed;
// ErrNoAnswer: it was sent.
func (c *Client) Do(ctx context.Context, m *iso.Message) (Exchange, error) {
	line := &Line{Address: func() string { return c.Address }, Codec: c.Codec, Wait: c.Wait}
	defer func() { _ = line.Close() }() // The exchange is over either way.
	e := Exchange{Request: m}
	began := c.Now()
	answer, err := line.Exchange(ctx, m)
	switch {
	case err == nil:
		e.Sent, e.Received, e.Answer = began, c.Now(), answer
		return e, nil
	case fault.Is(err, fault.Unavailable):
		return e, fault.New(fault.Unavailable, "no switch answers on %s (is `treasury-switch serve` running?): %w", c.Address, err)
	case fault.Is(err, fault.Unknown):
		e.Sent = began
		return e, fault.New(fault.Unknown, "%w: it may have been done: %w", ErrNoAnswer, err)
	}
	return e, err
}
