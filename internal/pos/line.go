package pos

import (
	"bufio"
	"context"
	"errors"
	"net"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
)

// maxStrangers bounds the messages that are passed over while an answer is waited for: late answers to earlier requests.
const maxStrangers = 256

// Line is a connection to the switch. It is made when it is needed and again after it was lost, and carries one exchange
// at a time; a terminal has one line, and several terminals may share one in turn. It is not safe for concurrent use.
type Line struct {
	// Address returns where the switch listens, host and port; it is called at each connection.
	Address func() string
	// Codec is the agreement with the switch.
	Codec sealed.Codec
	// Wait bounds an exchange, from connecting to the answer.
	Wait time.Duration

	conn   net.Conn
	frames *iso.Reader
}

// NewLine makes a line of the dialect that ships with the product. Nothing is connected yet.
func NewLine(address string, wait time.Duration) *Line {
	return NewLineTo(func() string { return address }, wait)
}

// NewLineTo makes a line to a switch whose address may change while it is away.
func NewLineTo(address func() string, wait time.Duration) *Line {
	dialect := iso.TerminalDialect()
	return &Line{Address: address, Codec: sealed.Codec{Dialect: dialect, Framing: dialect.Framing()}, Wait: wait}
}

// Exchange sends a message and returns its answer, which is matched on MTI class, F11 and F41. The error is of kind
// fault.Invalid: the message cannot be packed; fault.Unavailable: the switch cannot be reached, so nothing was sent;
// fault.Unknown: it was sent, and no answer came in time or the connection broke. The next exchange connects anew after an
// error.
func (l *Line) Exchange(ctx context.Context, m *iso.Message) (*iso.Message, error) {
	frame, err := l.Codec.Append(nil, m, iso.TPDU{})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.Wait)
	defer cancel()
	if err := l.connect(ctx); err != nil {
		return nil, fault.New(fault.Unavailable, "connect to the switch at %s: %w", l.Address(), err)
	}
	conn := l.conn
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	answer, err := l.ask(frame, m)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = l.Close()
		return nil, fault.New(fault.Unknown, "%s to %s: %w", m.MTI, l.Address(), errors.Join(err, context.Cause(ctx)))
	}
	return answer, nil
}

// connect makes the connection where there is none.
func (l *Line) connect(ctx context.Context) error {
	if l.conn != nil {
		return nil
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", l.Address())
	if err != nil {
		return err
	}
	l.conn, l.frames = conn, iso.NewReader(bufio.NewReader(conn), l.Codec.Framing)
	return nil
}

// ask writes a frame and reads until its answer is there.
func (l *Line) ask(frame []byte, m *iso.Message) (*iso.Message, error) {
	if _, err := l.conn.Write(frame); err != nil {
		return nil, err
	}
	for range maxStrangers {
		payload, _, err := l.frames.ReadFrame(nil)
		if err != nil {
			return nil, err
		}
		answer := new(iso.Message)
		if err := l.Codec.Open(payload, answer); err != nil {
			return nil, err
		}
		if answer.MTI == m.MTI.Answer() && answer.Get(iso.FieldSTAN) == m.Get(iso.FieldSTAN) && answer.Get(iso.FieldTerminal) == m.Get(iso.FieldTerminal) {
			return answer, nil
		}
	}
	return nil, errors.New("only answers to other messages came")
}

// Close hangs up. The line can be used again.
func (l *Line) Close() error {
	if l.conn == nil {
		return nil
	}
	err := l.conn.Close()
	l.conn, l.frames = nil, nil
	return err
}
