package mac

import (
	"bytes"
	"crypto/cipher"
	"crypto/des" // The algorithms of ANSI X9.9 and X9.19 are defined over DES.

	"treasury-switch/internal/fault"
)

// desCBC is ISO/IEC 9797-1 MAC algorithm 1 over DES with padding method 1: zeros up
// to a whole block, nothing when the message already ends at one.
type desCBC struct {
	hidden
	block cipher.Block
}

// newDESCBC takes an 8-byte key.
func newDESCBC(key Key) (Code, error) {
	if err := key.want(DESCBC, des.BlockSize); err != nil {
		return nil, err
	}
	block, err := des.NewCipher(key.secret)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mac: %s: %w", DESCBC, err)
	}
	return desCBC{block: block}, nil
}

// Sum returns the last block of the CBC chain.
func (c desCBC) Sum(message []byte) [Size]byte { return chain(c.block, message) }

// retail is ISO/IEC 9797-1 MAC algorithm 3 over DES (ANSI X9.19), padding method 1:
// the CBC chain under the left half of the key, then decrypted under the right half
// and encrypted under the left again.
type retail struct {
	hidden
	left, right cipher.Block
}

// newRetail takes a 16-byte key whose halves differ: equal halves would quietly be
// DES CBC-MAC.
func newRetail(key Key) (Code, error) {
	if err := key.want(Retail, 2*des.BlockSize); err != nil {
		return nil, err
	}
	left, right := key.secret[:des.BlockSize], key.secret[des.BlockSize:]
	if bytes.Equal(left, right) {
		return nil, fault.New(fault.Invalid, "mac: the halves of a %s key must differ", Retail)
	}
	first, err := des.NewCipher(left)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mac: %s: %w", Retail, err)
	}
	second, err := des.NewCipher(right)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mac: %s: %w", Retail, err)
	}
	return retail{left: first, right: second}, nil
}

// Sum returns the chain's last block after its final triple-DES step.
func (c retail) Sum(message []byte) [Size]byte {
	sum := chain(c.left, message)
	c.right.Decrypt(sum[:], sum[:])
	c.left.Encrypt(sum[:], sum[:])
	return sum
}

// chain runs CBC from a zero vector over the message, zero-padded to whole blocks,
// and returns the last block. An empty message is one block of zeros.
func chain(block cipher.Block, message []byte) [Size]byte {
	var state [Size]byte
	for first := true; first || len(message) > 0; first = false {
		n := min(len(message), des.BlockSize)
		for i, b := range message[:n] {
			state[i] ^= b
		}
		block.Encrypt(state[:], state[:])
		message = message[n:]
	}
	return state
}
