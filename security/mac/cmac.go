package mac

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"

	"treasury-switch/internal/fault"
)

// cmac is AES-CMAC as RFC 4493 writes it: a CBC chain whose last block is masked
// with one of two subkeys, so that messages of different lengths cannot be confused.
type cmac struct {
	hidden
	block   cipher.Block
	whole   [aes.BlockSize]byte // K1, for a last block that is full
	partial [aes.BlockSize]byte // K2, for a last block that was padded
}

// newCMAC takes a key of 16, 24 or 32 bytes.
func newCMAC(key Key) (Code, error) {
	if err := key.want(AESCMAC, 16, 24, 32); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key.secret)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mac: %s: %w", AESCMAC, err)
	}
	c := cmac{block: block}
	var zero [aes.BlockSize]byte
	block.Encrypt(zero[:], zero[:])
	c.whole = double(zero)
	c.partial = double(c.whole)
	return c, nil
}

// Sum returns the leftmost 64 bits of the tag.
func (c cmac) Sum(message []byte) [Size]byte {
	tag := c.tag(message)
	return [Size]byte(tag[:Size])
}

// tag returns the full 128-bit tag (RFC 4493, 2.4).
func (c cmac) tag(message []byte) [aes.BlockSize]byte {
	var state [aes.BlockSize]byte
	for len(message) > aes.BlockSize {
		subtle.XORBytes(state[:], state[:], message[:aes.BlockSize])
		c.block.Encrypt(state[:], state[:])
		message = message[aes.BlockSize:]
	}
	last := c.whole
	if len(message) < aes.BlockSize {
		last = c.partial
		last[len(message)] ^= 0x80
	}
	subtle.XORBytes(last[:], last[:], message)
	subtle.XORBytes(state[:], state[:], last[:])
	c.block.Encrypt(state[:], state[:])
	return state
}

// double multiplies by x in GF(2^128) with the polynomial of RFC 4493, 2.3.
func double(in [aes.BlockSize]byte) [aes.BlockSize]byte {
	var out [aes.BlockSize]byte
	for i := range in {
		out[i] = in[i] << 1
		if i+1 < len(in) {
			out[i] |= in[i+1] >> 7
		}
	}
	out[len(out)-1] ^= 0x87 & -(in[0] >> 7)
	return out
}
