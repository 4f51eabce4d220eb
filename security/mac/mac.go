// Package mac computes and checks the message authentication codes of ISO 8583
// messages.
//
// Which algorithm protects a link is an agreement with each party, so it is a
// setting of the listener or link. Three are offered: DES CBC-MAC (legacy, found
// in the field), the ANSI X9.19 retail MAC (ISO/IEC 9797-1 algorithm 3), and
// AES-CMAC (NIST SP 800-38B, RFC 4493). All of them cover the packed message up
// to the MAC field, which is the last field of the message: 64, or 128 when a
// field above 64 is present. The field holds eight bytes as 16 hexadecimal digits.
package mac

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"

	"treasury-switch/internal/fault"
)

// Size is the length of a code in bytes. ISO 8583:1987 gives fields 64 and 128
// exactly 64 bits; a longer AES-CMAC keeps its leftmost 64 bits (RFC 4493, 2.4).
const Size = 8

// fieldSize is the length of the MAC field on the wire: Size bytes as hexadecimal.
const fieldSize = 2 * Size

// Placeholder is the value (Size raw bytes) to put into field 64 or 128 before a
// message is packed, so that the bitmap that the code covers is the final one. Seal
// then overwrites what it became on the wire.
const Placeholder = "\x00\x00\x00\x00\x00\x00\x00\x00"

// ErrMismatch means that a message's code is absent, unreadable or not the one that
// its bytes and the key give: the message cannot be trusted.
var ErrMismatch = errors.New("mac: the code does not match the message")

// Algorithm names a way of computing codes, as written in the configuration of a
// listener or link.
type Algorithm string

// The algorithms that parties of the network are known to use.
const (
	// DESCBC is the CBC-MAC of ISO/IEC 9797-1 algorithm 1 (ANSI X9.9) with a single
	// 8-byte DES key and zero padding. A 56-bit key is weak; it exists for old parties.
	DESCBC Algorithm = "des-cbc-mac"
	// Retail is ANSI X9.19, ISO/IEC 9797-1 algorithm 3: single DES over all blocks
	// and triple DES over the last, with a 16-byte key and zero padding.
	Retail Algorithm = "retail-mac"
	// AESCMAC is RFC 4493 with a key of 16, 24 or 32 bytes.
	AESCMAC Algorithm = "aes-cmac"
)

// Code computes the message authentication code of a run of bytes. Implementations
// are safe for concurrent use and do not keep the message.
type Code interface {
	Sum(message []byte) [Size]byte
}

// New returns the named algorithm under the key. The error (fault.Invalid) names an
// unknown algorithm or a key that does not fit, never the key itself.
func New(algorithm Algorithm, key Key) (Code, error) {
	switch algorithm {
	case DESCBC:
		return newDESCBC(key)
	case Retail:
		return newRetail(key)
	case AESCMAC:
		return newCMAC(key)
	}
	return nil, fault.New(fault.Invalid, "mac: unknown algorithm %q", string(algorithm))
}

// Seal writes the code of a packed message into its last 16 bytes, the MAC field,
// in upper-case hexadecimal. The message must have been packed with Placeholder in
// that field; one too short to hold a MAC field is an error (fault.Bug).
func Seal(code Code, packed []byte) error {
	if len(packed) <= fieldSize {
		return fault.New(fault.Bug, "mac: a message of %d bytes has no room for a MAC field", len(packed))
	}
	body, field := packed[:len(packed)-fieldSize], packed[len(packed)-fieldSize:]
	copy(field, upperHex(code.Sum(body)))
	return nil
}

// Verify checks the last 16 bytes of a packed message against the code of what
// precedes them, in constant time. It accepts hexadecimal of either case. The
// error is ErrMismatch, whatever was wrong. The caller must know that the message
// has a MAC field: without one the last 16 bytes are those of another field, which
// can only mismatch.
func Verify(code Code, packed []byte) error {
	if len(packed) <= fieldSize {
		return fmt.Errorf("%w: %d bytes are too few", ErrMismatch, len(packed))
	}
	body, field := packed[:len(packed)-fieldSize], packed[len(packed)-fieldSize:]
	var got [Size]byte
	if _, err := hex.Decode(got[:], field); err != nil {
		return fmt.Errorf("%w: the field is not hexadecimal", ErrMismatch)
	}
	want := code.Sum(body)
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
		return ErrMismatch
	}
	return nil
}

// upperHex spells a code as it travels in the MAC field.
func upperHex(sum [Size]byte) []byte {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 0, fieldSize)
	for _, b := range sum {
		out = append(out, digits[b>>4], digits[b&15])
	}
	return out
}
