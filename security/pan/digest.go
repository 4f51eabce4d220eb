package pan

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"sync"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
)

// keyedHash makes HMAC-SHA-256 values (RFC 2104) under one key. Its states are
// reused, because setting one up costs more than the value itself.
type keyedHash struct {
	states sync.Pool
}

// hashState is one reusable computation: the hash and the buffers that would
// otherwise be allocated for each value.
type hashState struct {
	mac hash.Hash
	sum [sha256.Size]byte
	buf []byte
}

// deriveHash makes a keyed hash whose key is root's HKDF output under label
// (RFC 5869), so that the values of two labels say nothing about each other.
func deriveHash(root []byte, label string) (*keyedHash, error) {
	key, err := hkdf.Key(sha256.New, root, nil, label, keySize)
	if err != nil {
		return nil, fault.New(fault.Bug, "derive key %q: %w", label, err)
	}
	h := &keyedHash{}
	h.states.New = func() any { return &hashState{mac: hmac.New(sha256.New, key)} }
	return h, nil
}

// value is the first 128 bits of the keyed hash over the parts, each preceded
// by its length in four bytes, so that ("ab","c") and ("a","bc") differ.
func (h *keyedHash) value(parts ...string) (out [16]byte) {
	state := h.states.Get().(*hashState)
	state.mac.Reset()
	buf := state.buf[:0]
	for _, part := range parts {
		buf = binary.BigEndian.AppendUint32(buf, uint32(len(part)))
		buf = append(buf, part...)
	}
	state.mac.Write(buf)
	copy(out[:], state.mac.Sum(state.sum[:0]))
	// The buffer held a card number or a payer's id: it is wiped before the
	// state lies in the pool.
	clear(buf)
	state.buf = buf[:0]
	h.states.Put(state)
	return out
}

// Token is the card number's stable pseudonym: 128 bits of HMAC-SHA-256 under
// a key of its own. Equal cards have equal tokens on every node and every day;
// without the key a token cannot be traced back to a card.
func (v *Vault) Token(p identity.PAN) [16]byte { return v.token.value(p.Reveal()) }

// Digest is the keyed 128-bit hash of a request's identity. Each part counts
// with its length, so no two different lists of parts share their bytes.
func (v *Vault) Digest(parts ...string) [16]byte { return v.digest.value(parts...) }
