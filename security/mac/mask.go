package mac

import (
	"fmt"
	"log/slog"
)

// masked is printed in place of a key.
const masked = "[MAC key]"

// hidden is what every holder of key bytes embeds: whatever prints it shows the mask
// in every format, log and encoding, so that a key cannot leave the process by
// accident. Expanded keys and subkeys are as secret as the key they come from.
type hidden struct{}

// String returns the mask.
func (hidden) String() string { return masked }

// GoString returns the mask, for %#v.
func (hidden) GoString() string { return masked }

// Format writes the mask for every verb, %x and %d included.
func (hidden) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// MarshalText returns the mask.
func (hidden) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalJSON returns the mask as a JSON string.
func (hidden) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// LogValue returns the mask.
func (hidden) LogValue() slog.Value { return slog.StringValue(masked) }
