package pan

import (
	"context"
	"crypto/rand"
	"encoding/binary"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
)

// sealedSize is the length in bytes of every sealed card number, whatever the
// number's length: version, nonce, the number as packed digits, tag.
const sealedSize = 1 + nonceSize + packedSize + tagSize

const (
	// sealVersion is the first byte of a sealed card number and part of what
	// is authenticated, so that a later form cannot be taken for this one.
	sealVersion = 1
	// packedSize holds 19 digits (the longest PAN, ISO/IEC 7812-1), two to a
	// byte, filled up with the nibble F.
	packedSize = 10
	filler     = 0xF
	// bindHead is the version and the day in front of the caller's bind.
	bindHead = 1 + 4
	// maxBind bounds the additional data of a caller; a payment id has 16 bytes.
	maxBind = 64
)

// Seal encrypts a card number under its day's key with a fresh random nonce.
// bind, usually the payment's id, and the day are authenticated with it: the
// result opens only with both. A day's key is good for 2^32 seals (NIST SP
// 800-38D, 8.3), which is more than 49,000 a second all day long.
// Errors: fault.Conflict for a day whose key was destroyed, fault.Invalid for
// no card number, no bind or no day, fault.Unavailable when the day's key is
// not in memory and the database does not give it.
func (v *Vault) Seal(ctx context.Context, day calendar.Date, p identity.PAN, bind []byte) ([]byte, error) {
	if len(bind) == 0 || len(bind) > maxBind {
		return nil, fault.New(fault.Invalid, "seal a card number: bind of %d bytes, want 1 to %d", len(bind), maxBind)
	}
	aead, err := v.sealer(ctx, day)
	if err != nil {
		return nil, err
	}
	// One allocation holds the result and, behind it, the additional data.
	buf := make([]byte, sealedSize, sealedSize+bindHead+len(bind))
	buf[0] = sealVersion
	nonce, packed := buf[1:1+nonceSize], buf[1+nonceSize:1+nonceSize+packedSize]
	if err := pack(packed, p); err != nil {
		return nil, err
	}
	if _, err := rand.Read(nonce); err != nil {
		clear(packed)
		return nil, fault.New(fault.Unavailable, "seal a card number: %w", err)
	}
	data := appendBind(buf, day, bind)[sealedSize:]
	aead.Seal(packed[:0], nonce, packed, data)
	return buf[:sealedSize:sealedSize], nil
}

// Unseal opens what Seal made. Errors: fault.NotFound when the day's key was
// destroyed or never existed, fault.Denied when the sealed bytes were altered
// or belong to another day or bind.
func (v *Vault) Unseal(ctx context.Context, day calendar.Date, sealed, bind []byte) (identity.PAN, error) {
	if len(sealed) != sealedSize || sealed[0] != sealVersion {
		return identity.PAN{}, fault.New(fault.Invalid, "unseal a card number of day %s: not a sealed card number", day)
	}
	aead, err := v.opener(ctx, day)
	if err != nil {
		return identity.PAN{}, err
	}
	var packed [packedSize]byte
	defer clear(packed[:])
	plain, err := aead.Open(packed[:0], sealed[1:1+nonceSize], sealed[1+nonceSize:], appendBind(nil, day, bind))
	if err != nil {
		return identity.PAN{}, fault.New(fault.Denied,
			"unseal a card number of day %s: altered, or sealed for another payment or day", day)
	}
	return unpack(plain)
}

// appendBind appends the additional data of a seal; the head has a fixed
// length, so day and bind cannot run into each other.
func appendBind(buf []byte, day calendar.Date, bind []byte) []byte {
	buf = append(buf, sealVersion)
	buf = binary.BigEndian.AppendUint32(buf, uint32(day))
	return append(buf, bind...)
}

// pack writes the digits two to a byte; the fixed length hides how many there
// are.
func pack(dst []byte, p identity.PAN) error {
	digits := p.Reveal()
	if digits == "" || len(digits) > 2*packedSize-1 {
		return fault.New(fault.Invalid, "seal a card number: there is none")
	}
	for i := range dst {
		dst[i] = nibble(digits, 2*i)<<4 | nibble(digits, 2*i+1)
	}
	return nil
}

// nibble is the digit at i, or the filler behind the last one.
func nibble(digits string, i int) byte {
	if i >= len(digits) {
		return filler
	}
	return digits[i] - '0'
}

// unpack reads packed digits back. What comes out is checked like any card
// number, so that a defect here cannot become a message to the network.
func unpack(packed []byte) (identity.PAN, error) {
	var digits [2 * packedSize]byte
	defer clear(digits[:])
	n := 0
	for i := range digits {
		digit := packed[i/2] >> 4
		if i%2 == 1 {
			digit = packed[i/2] & 0xF
		}
		if digit == filler {
			break
		}
		digits[n] = '0' + digit
		n++
	}
	p, err := identity.ParsePAN(string(digits[:n]))
	if err != nil {
		return identity.PAN{}, fault.New(fault.Bug, "unsealed bytes are not a card number: %w", err)
	}
	return p, nil
}
