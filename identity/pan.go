package identity

import (
	"fmt"
	"io"
	"log/slog"

	"treasury-switch/internal/fault"
)

// Length of a card number: Iranian cards have 16 digits, ISO/IEC 7812 and
// field 2 (n..19) allow 12 to 19.
const (
	panMin = 12
	panMax = 19
)

// Faults of identifiers, for errors.Is. Their kind is fault.Invalid, as is the
// kind of everything that wraps them.
var (
	// ErrForm: the text does not have the shape of the identifier.
	ErrForm = fault.New(fault.Invalid, "malformed")
	// ErrLuhn: a card number of the right shape whose check digit is wrong.
	ErrLuhn = fault.New(fault.Invalid, "check digit (Luhn) is wrong")
	// ErrCheck: another identifier of the right shape whose check digit is wrong.
	ErrCheck = fault.New(fault.Invalid, "check digit is wrong")
)

var (
	errPANForm = fault.New(fault.Invalid, "card number: %w", ErrForm)
	errPANLuhn = fault.New(fault.Invalid, "card number: %w", ErrLuhn)
)

// PAN is a card number (primary account number). It is a small value, compares
// with ==, and every way of printing shows the first six and last four digits
// at most (PCI DSS 3.4.1). Only Reveal gives the digits.
type PAN struct {
	masked uint64 // the digits as a number, XOR wordMask
	length uint8  // number of digits; zero means no card number
}

// ParsePAN reads 12 to 19 Latin digits with a right check digit (ISO/IEC
// 7812-1 annex B, Luhn). It fails with ErrForm or ErrLuhn; the text is never
// part of the error. It does not allocate.
func ParsePAN(s string) (PAN, error) {
	if len(s) < panMin || len(s) > panMax {
		return PAN{}, errPANForm
	}
	var number, sum uint64
	for i := 0; i < len(s); i++ {
		d := uint64(s[i] - '0')
		if d > 9 {
			return PAN{}, errPANForm
		}
		number = number*10 + d // 19 digits fit in 64 bits
		if (len(s)-i)%2 == 0 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	if sum%10 != 0 {
		return PAN{}, errPANLuhn
	}
	return PAN{masked: number ^ wordMask, length: uint8(len(s))}, nil
}

// digits writes the digits into buffer and returns the part used.
func (p PAN) digits(buffer *[panMax]byte) []byte {
	if p.length == 0 {
		return nil
	}
	number := p.masked ^ wordMask
	used := buffer[:p.length]
	for i := len(used) - 1; i >= 0; i-- {
		used[i] = byte('0' + number%10)
		number /= 10
	}
	return used
}

// Reveal returns all digits. Only the wire, the vault and the token may ask.
func (p PAN) Reveal() string {
	var buffer [panMax]byte
	return string(p.digits(&buffer))
}

// First6 returns the first six digits, which name the issuer; empty for no card.
func (p PAN) First6() string {
	var buffer [panMax]byte
	if d := p.digits(&buffer); d != nil {
		return string(d[:6])
	}
	return ""
}

// Last4 returns the last four digits; empty for no card.
func (p PAN) Last4() string {
	var buffer [panMax]byte
	if d := p.digits(&buffer); d != nil {
		return string(d[len(d)-4:])
	}
	return ""
}

// IsZero reports whether this is no card number.
func (p PAN) IsZero() bool { return p.length == 0 }

// String returns the masked number, "603799******0014"; empty for no card.
func (p PAN) String() string {
	var buffer [panMax]byte
	d := p.digits(&buffer)
	for i := 6; i < len(d)-4; i++ {
		d[i] = '*'
	}
	return string(d)
}

// GoString returns the masked number (%#v).
func (p PAN) GoString() string { return p.String() }

// Format writes the masked number whatever the verb, width or flags.
func (p PAN) Format(f fmt.State, _ rune) { io.WriteString(f, p.String()) }

// MarshalText returns the masked number.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalJSON returns the masked number as a JSON string.
func (p PAN) MarshalJSON() ([]byte, error) { return []byte(`"` + p.String() + `"`), nil }

// LogValue returns the masked number.
func (p PAN) LogValue() slog.Value { return slog.StringValue(p.String()) }
