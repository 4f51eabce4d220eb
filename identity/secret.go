package identity

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
)

// Masks hide the content of secrets even from printing that no method can
// intercept: fmt shows the raw fields of a secret that is in an unexported
// field or under %p, and a crash prints the words of arguments. What they see
// is XORed with random bytes of this process, so equal secrets still compare
// equal with ==. It is no protection against somebody who reads all memory.
var (
	wordMask = randomWord()
	byteMask = randomBytes()
)

func randomWord() uint64 {
	var word [8]byte
	rand.Read(word[:]) // never fails: crypto/rand ends the program instead
	return binary.BigEndian.Uint64(word[:])
}

func randomBytes() (mask [track2Max]byte) {
	rand.Read(mask[:])
	return mask
}

// redactedText is all that a wholly hidden secret ever shows.
const redactedText = "[redacted]"

// redacted is embedded in secrets of which nothing may be shown. Its methods
// answer every way of printing.
type redacted struct{}

// String returns a fixed text in place of the secret.
func (redacted) String() string { return redactedText }

// GoString returns a fixed text in place of the secret (%#v).
func (redacted) GoString() string { return redactedText }

// Format writes a fixed text whatever the verb, width or flags.
func (redacted) Format(f fmt.State, _ rune) { io.WriteString(f, redactedText) }

// MarshalText returns a fixed text in place of the secret.
func (redacted) MarshalText() ([]byte, error) { return []byte(redactedText), nil }

// MarshalJSON returns a fixed JSON string in place of the secret.
func (redacted) MarshalJSON() ([]byte, error) { return []byte(`"` + redactedText + `"`), nil }

// LogValue returns a fixed text in place of the secret.
func (redacted) LogValue() slog.Value { return slog.StringValue(redactedText) }
