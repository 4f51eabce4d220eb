package switching

import (
	"fmt"
	"log/slog"

	"treasury-switch/identity"
)

// Card is the cardholder's data of one request. It goes to the network and is
// stored nowhere, except the PAN, sealed, while a reversal may need it.
type Card struct {
	PAN      identity.PAN
	Track2   identity.Track2
	PINBlock identity.PINBlock
	Expiry   Sensitive // F14, as printed on the card
	Entry    string    // F22, how the card was read
	Chip     Sensitive // F55, the chip's data
	Security string    // F53, security control
}

// Sensitive is card data that goes to the network and never prints.
type Sensitive struct{ data string }

// NewSensitive wraps card data so that it cannot print.
func NewSensitive(data string) Sensitive { return Sensitive{data} }

// Reveal returns the data, for the message to the network alone.
func (s Sensitive) Reveal() string { return s.data }

const masked = "***"

// String masks.
func (s Sensitive) String() string { return masked }

// GoString masks.
func (s Sensitive) GoString() string { return masked }

// Format masks under every verb.
func (s Sensitive) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// MarshalText masks.
func (s Sensitive) MarshalText() ([]byte, error) { return []byte(masked), nil }

// LogValue masks.
func (s Sensitive) LogValue() slog.Value { return slog.StringValue(masked) }
