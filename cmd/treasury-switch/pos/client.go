package pos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
	"treasury-switch/security/mac"
)

// ErrNoAnswer says that the message was written and no answer came in time: the switch may have done what was asked. Its
// kind is fault.Unknown.
var ErrNoAnswer = errors.New("no answer")

// Client sends messages as a terminal does, one at a time, each on a connection of its own.
type Client struct {
	Address string
	Codec   sealed.Codec
	Wait    time.Duration // for the answer
	Now     func() time.Time
}

// Exchange is a message and its answer. Answer is nil if none came.
type Exchange struct {
	Request, Answer *iso.Message
	Sent, Received  time.Time
	Bytes           int   // of the request's frame
	Doubt           error // why the answer should not be believed, such as a wrong MAC
}

// Code is the answer's F39, empty without one.
func (e Exchange) Code() iso.Code {
	if e.Answer == nil {
		return ""
	}
	return iso.Code(e.Answer.Get(39))
}

// Took is the time from the request to the answer.
func (e Exchange) Took() time.Duration { return e.Received.Sub(e.Sent) }

// Do sends a message and waits for its answer. fault.Unavailable: it was not sent; fault.Invalid: it cannot be packed;
// ErrNoAnswer: it was sent, and the exchange holds what is known.
func (c *Client) Do(ctx context.Context, m *iso.Message) (Exchange, error) {
	e := Exchange{Request: m}
	frame, err := c.Codec.Append(nil, m, iso.TPDU{})
	if err != nil {
		return e, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", c.Address)
	if err != nil {
		return e, fault.New(fault.Unavailable, "no switch answers on %s (is `treasury-switch serve` running?): %w", c.Address, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	e.Sent, e.Bytes = c.Now(), len(frame)
	// The deadline is the socket's, so it is the machine's clock and not the client's.
	if err := conn.SetDeadline(time.Now().Add(c.Wait)); err != nil {
		return e, fault.New(fault.Unavailable, "send to %s: %w", c.Address, err)
	}
	if _, err := conn.Write(frame); err != nil {
		return e, fault.New(fault.Unknown, "send to %s: %w: %w", c.Address, ErrNoAnswer, err)
	}
	return c.await(conn, e)
}

// await reads until the answer to the message is there. Other messages are passed over.
func (c *Client) await(conn net.Conn, e Exchange) (Exchange, error) {
	reader := iso.NewReader(bufio.NewReader(conn), c.Codec.Framing)
	for {
		payload, _, err := reader.ReadFrame(nil)
		if err != nil {
			return e, fault.New(fault.Unknown, "%w from %s within %s: %w", ErrNoAnswer, c.Address, c.Wait, err)
		}
		answer := new(iso.Message)
		err = c.Codec.Open(payload, answer)
		if err != nil && !errors.Is(err, mac.ErrMismatch) {
			return e, fault.New(fault.Unknown, "the answer of %s is no message of the dialect: %w", c.Address, err)
		}
		if answer.MTI != e.Request.MTI.Answer() || answer.Get(11) != e.Request.Get(11) {
			continue
		}
		e.Received, e.Answer = c.Now(), answer
		if err != nil {
			e.Doubt = fmt.Errorf("the answer's MAC is wrong: %w", err)
		}
		return e, nil
	}
}
