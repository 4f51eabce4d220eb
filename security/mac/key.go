package mac

import (
	"encoding/hex"

	"treasury-switch/internal/fault"
)

// Key is the secret key of a MAC algorithm. It prints as a fixed mask everywhere.
type Key struct {
	hidden
	secret []byte
}

// ParseKey reads a key from hexadecimal: 8, 16, 24 or 32 bytes. The error
// (fault.Invalid) never repeats what was read.
func ParseKey(text string) (Key, error) {
	secret, err := hex.DecodeString(text)
	if err != nil {
		return Key{}, fault.New(fault.Invalid, "mac: the key is not hexadecimal")
	}
	switch len(secret) {
	case 8, 16, 24, 32:
		return Key{secret: secret}, nil
	}
	return Key{}, fault.New(fault.Invalid, "mac: a key has 8, 16, 24 or 32 bytes, not %d", len(secret))
}

// IsZero reports whether no key was given.
func (k Key) IsZero() bool { return len(k.secret) == 0 }

// want reports a key whose length does not fit an algorithm.
func (k Key) want(algorithm Algorithm, lengths ...int) error {
	for _, n := range lengths {
		if len(k.secret) == n {
			return nil
		}
	}
	return fault.New(fault.Invalid, "mac: %s takes a key of %v bytes, not %d", algorithm, lengths, len(k.secret))
}
