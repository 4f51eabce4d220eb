// Package sealed turns messages into frames that carry their MAC, and back, for listeners and links alike.
package sealed

import (
	"errors"
	"fmt"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// The two fields that can hold a MAC (ISO 8583:1987): 64, or 128 if a field above 64 is present, so that it is always
// the last one.
const (
	firstMAC  = 64
	secondMAC = 128
)

// Codec is the agreement with one party: dialect, framing, and MAC if there is one. It is immutable and safe for
// concurrent use.
type Codec struct {
	Dialect *iso.Dialect
	Framing iso.Framing
	MAC     mac.Code // nil: messages carry none, and none is checked
}

// Append packs a message, adds the MAC if there is one, and appends the frame to dst. It sets the message's MAC
// field. On an error (fault.Invalid) the message does not fit the dialect or the frame, and dst is returned
// unchanged.
func (c Codec) Append(dst []byte, m *iso.Message, tpdu iso.TPDU) ([]byte, error) {
	m.Unset(firstMAC)
	m.Unset(secondMAC)
	if c.MAC != nil {
		m.Set(m.MACField(), mac.Placeholder)
	}
	from := len(dst)
	out := iso.BeginFrame(dst, c.Framing, tpdu)
	payload := len(out)
	out, err := c.Dialect.Pack(out, m)
	if err != nil {
		return dst, fault.New(fault.Invalid, "packing %s: %w", m.MTI, err)
	}
	if c.MAC != nil {
		if err := mac.Seal(c.MAC, out[payload:]); err != nil {
			clear(out[from:])
			return dst, fmt.Errorf("sealing %s: %w", m.MTI, err)
		}
	}
	if err := iso.EndFrame(out[from:], c.Framing); err != nil {
		clear(out[from:])
		return dst, fault.New(fault.Invalid, "framing %s: %w", m.MTI, err)
	}
	return out, nil
}

// Open reads a packed message into m and checks its MAC if one is agreed. The error is an *iso.UnpackError, when m
// holds what was readable and the MAC was not checked, or it is mac.ErrMismatch, when m is complete but must not be
// trusted.
func (c Codec) Open(payload []byte, m *iso.Message) error {
	if err := c.Dialect.Unpack(payload, m); err != nil {
		return err
	}
	if c.MAC == nil {
		return nil
	}
	if !m.Has(firstMAC) && !m.Has(secondMAC) {
		return fmt.Errorf("%w: there is none", mac.ErrMismatch)
	}
	return mac.Verify(c.MAC, payload)
}

// Unreadable reports whether an error of Open means that not even the message's type and bitmaps could be read, so
// that the stream is out of step.
func Unreadable(err error) bool {
	var unpack *iso.UnpackError
	return errors.As(err, &unpack) && unpack.MustClose()
}

// Faults lists the faults of form of a message that Open has read with the given error: the field where reading
// ended, or else all violations of the dialect's rules. A wrong MAC is not among them.
func (c Codec) Faults(opened error, m *iso.Message, direction iso.Direction) iso.Faults {
	var unpack *iso.UnpackError
	if errors.As(opened, &unpack) {
		return iso.Faults{{Field: unpack.Field, Reason: unpack.Reason, Code: iso.RC30FormatError}}
	}
	return c.Dialect.Check(m, direction)
}
