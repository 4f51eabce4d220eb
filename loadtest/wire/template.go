package wire

import (
	"encoding/binary"
	"fmt"
	"time"

	"treasury-switch/iso"
)

// patched are the fields that a template can patch.
var patched = [...]int{iso.FieldPAN, iso.FieldAmount, iso.FieldTransmission, iso.FieldSTAN, iso.FieldLocalTime, iso.FieldLocalDate, iso.FieldTerminal, iso.FieldAcceptor, iso.FieldOriginal}

// Template is a packed and framed message, with the positions of the values that differ from one sending to the next.
type Template struct {
	frame []byte
	at    [129]int // of a field's value in frame; 0: the message has none
}

// NewTemplate packs a message by the product's codec.
func NewTemplate(m *iso.Message) (*Template, error) {
	payload, err := iso.TerminalDialect().Pack(nil, m)
	if err != nil {
		return nil, fmt.Errorf("pack the template of a %s: %w", m.MTI, err)
	}
	t := &Template{frame: binary.BigEndian.AppendUint16(nil, uint16(len(payload)))}
	t.frame = append(t.frame, payload...)
	err = walk(payload, func(field, from, to int) {
		for _, p := range patched {
			if p == field && to-from == widthOf(field) {
				t.at[field] = frameHead + from
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("find the fields of a %s: %w", m.MTI, err)
	}
	return t, nil
}

// CardDigits is the length of the card numbers that can be patched in.
const CardDigits = 16

func widthOf(field int) int {
	if field == iso.FieldPAN {
		return CardDigits
	}
	return int(widths[field])
}

// Stamp is a second as messages carry it: F7, F12 and F13.
type Stamp struct {
	unix     int64
	transmit [10]byte
	local    [6]byte
	date     [4]byte
}

// At makes the stamp of an instant, in whole seconds.
func At(unix int64) Stamp {
	trace := iso.NewTrace(time.Unix(unix, 0), "")
	s := Stamp{unix: unix}
	copy(s.transmit[:], trace.Transmission)
	copy(s.local[:], trace.LocalTime)
	copy(s.date[:], trace.LocalDate)
	return s
}

// Unix is the stamp's second.
func (s *Stamp) Unix() int64 { return s.unix }

// Local is F13 and F12 as MMDDhhmmss, which identifies a request together with its trace number.
func (s *Stamp) Local() string { return string(s.date[:]) + string(s.local[:]) }

// Sending is what one sending puts into a template. What the template has no field for is left out.
type Sending struct {
	Repeat   bool   // the type's last digit is 1
	Sent     *Stamp // F7
	Local    *Stamp // F12 and F13: of the original, where the message is about an earlier one
	STAN     uint32
	Terminal *[8]byte
	Acceptor *[15]byte
	Card     *[CardDigits]byte
	Amount   uint64
	// OriginalSTAN is that of the 0200 which F90 names; its time is Local's.
	OriginalSTAN uint32
}

// Append appends the framed message to dst.
func (t *Template) Append(dst []byte, s *Sending) []byte {
	begin := len(dst)
	dst = append(dst, t.frame...)
	frame := dst[begin:]
	if s.Repeat {
		frame[frameHead+typeDigits-1] = '1'
	}
	copy(frame[t.at[iso.FieldTransmission]:], s.Sent.transmit[:])
	digits(frame[t.at[iso.FieldSTAN]:][:6], uint64(s.STAN))
	copy(frame[t.at[iso.FieldLocalTime]:], s.Local.local[:])
	copy(frame[t.at[iso.FieldLocalDate]:], s.Local.date[:])
	copy(frame[t.at[iso.FieldTerminal]:], s.Terminal[:])
	copy(frame[t.at[iso.FieldAcceptor]:], s.Acceptor[:])
	if at := t.at[iso.FieldPAN]; at > 0 && s.Card != nil {
		copy(frame[at:], s.Card[:])
	}
	if at := t.at[iso.FieldAmount]; at > 0 {
		digits(frame[at:][:12], s.Amount)
	}
	if at := t.at[iso.FieldOriginal]; at > 0 {
		copy(frame[at:], "0200")
		digits(frame[at+4:][:6], uint64(s.OriginalSTAN))
		copy(frame[at+10:], s.Local.transmit[:])
	}
	return dst
}
