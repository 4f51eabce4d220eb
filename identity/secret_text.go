package identity

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is data of a card or key that has no form of its own and must never be
// printed: F14, F48 (which carries a CVV2 towards the network), F53, F55. Whatever
// prints it prints only whether it is there. The zero value is absent data.
type Secret struct {
	// value is behind a pointer: fmt calls no methods on unexported parts of
	// other structs, but prints only the address of a string.
	value *string
}

// NewSecret wraps s; an empty s is the zero value.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{value: &s}
}

// Reveal gives the value. Every call of it is a place to look at.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero says that there is no value.
func (s Secret) IsZero() bool { return s.value == nil }

// String gives "[redacted]", or "" where there is no value.
func (s Secret) String() string {
	if s.value == nil {
		return ""
	}
	return redactedText
}

// GoString masks like String.
func (s Secret) GoString() string { return s.String() }

// Format masks like String for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText masks like String.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue masks like String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
