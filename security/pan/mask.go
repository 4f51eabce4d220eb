package pan

import (
	"fmt"
	"log/slog"
)

// mask is all that a key ever shows of itself.
const mask = "[master key]"

// String masks the key.
func (MasterKey) String() string { return mask }

// GoString masks the key under %#v.
func (MasterKey) GoString() string { return mask }

// Format masks the key under every verb, %x and %d included.
func (MasterKey) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(mask)) }

// MarshalText masks the key in every text encoding.
func (MasterKey) MarshalText() ([]byte, error) { return []byte(mask), nil }

// MarshalJSON masks the key in JSON.
func (MasterKey) MarshalJSON() ([]byte, error) { return []byte(`"` + mask + `"`), nil }

// LogValue masks the key in log/slog.
func (MasterKey) LogValue() slog.Value { return slog.StringValue(mask) }

// vaultMask is all that a vault shows when it is printed by mistake.
const vaultMask = "[pan vault]"

// String masks the vault and every key in it.
func (*Vault) String() string { return vaultMask }

// GoString masks the vault under %#v.
func (*Vault) GoString() string { return vaultMask }

// Format masks the vault under every verb.
func (*Vault) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(vaultMask)) }

// MarshalJSON masks the vault in JSON.
func (*Vault) MarshalJSON() ([]byte, error) { return []byte(`"` + vaultMask + `"`), nil }

// LogValue masks the vault in log/slog.
func (*Vault) LogValue() slog.Value { return slog.StringValue(vaultMask) }
