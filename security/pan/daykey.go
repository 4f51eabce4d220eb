package pan

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// purpose tells what a row of pan_key is for.
type purpose string

const (
	daily     purpose = "day"       // seals the card numbers of one day
	permanent purpose = "permanent" // root of the digests, never destroyed
)

// nonceSize and tagSize are GCM's standard sizes in bytes (NIST SP 800-38D).
const (
	nonceSize = 12
	tagSize   = 16
)

// wrappedSize is the length of a wrapped key: nonce, key, tag.
const wrappedSize = nonceSize + keySize + tagSize

// sealer is the cipher to seal with on a day; the day's key is made if it does
// not exist yet, and refused with fault.Conflict if it was destroyed.
func (v *Vault) sealer(ctx context.Context, day calendar.Date) (cipher.AEAD, error) {
	if aead, ok := v.days.Load().get(day); ok {
		return aead, nil
	}
	if day.IsZero() {
		return nil, fault.New(fault.Invalid, "a card number needs the day of its key")
	}
	return v.load(ctx, day, func() (keyRow, error) {
		row, err := v.ensure(ctx, daily, day)
		if err == nil && row.Wrapped == nil {
			err = fault.New(fault.Conflict, "the key of day %s was destroyed: no card number of it can be kept", day)
		}
		return row, err
	})
}

// opener is the cipher to unseal with; fault.NotFound when the day's key never
// existed or was destroyed.
func (v *Vault) opener(ctx context.Context, day calendar.Date) (cipher.AEAD, error) {
	if aead, ok := v.days.Load().get(day); ok {
		return aead, nil
	}
	return v.load(ctx, day, func() (keyRow, error) {
		row, found, err := selectKey(ctx, v.db, daily, day)
		switch {
		case err != nil:
		case !found:
			err = fault.New(fault.NotFound, "there is no key for day %s", day)
		case row.Wrapped == nil:
			err = fault.New(fault.NotFound, "the key of day %s was destroyed", day)
		}
		return row, err
	})
}

// load fetches one day's row and keeps its cipher; concurrent callers make one
// query between them.
func (v *Vault) load(ctx context.Context, day calendar.Date, fetch func() (keyRow, error)) (cipher.AEAD, error) {
	release, err := v.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if aead, ok := v.days.Load().get(day); ok {
		return aead, nil
	}
	row, err := fetch()
	if err != nil {
		return nil, err
	}
	if err := v.keep(row); err != nil {
		return nil, err
	}
	aead, _ := v.days.Load().get(day)
	return aead, nil
}

// ensure offers a fresh key for the row and gives back the stored row: of
// two nodes that create the same row at once one wins, and both get the winner's.
func (v *Vault) ensure(ctx context.Context, p purpose, day calendar.Date) (keyRow, error) {
	wrapped, err := v.wrapFresh(p, day)
	if err != nil {
		return keyRow{}, err
	}
	return offerKey(ctx, v.db, p, day, wrapped, v.masterID)
}

// obtain is the raw key of a row, made if absent. The caller clears it.
func (v *Vault) obtain(ctx context.Context, p purpose, day calendar.Date) ([]byte, error) {
	row, err := v.ensure(ctx, p, day)
	if err != nil {
		return nil, err
	}
	return v.unwrapAs(p, day, row)
}

// wrapFresh makes a random key and wraps it for its row.
func (v *Vault) wrapFresh(p purpose, day calendar.Date) ([]byte, error) {
	var key [keySize]byte
	defer clear(key[:])
	out := make([]byte, nonceSize, wrappedSize)
	if _, err := rand.Read(key[:]); err != nil {
		return nil, fault.New(fault.Unavailable, "make a pan key: %w", err)
	}
	if _, err := rand.Read(out); err != nil {
		return nil, fault.New(fault.Unavailable, "make a pan key: %w", err)
	}
	return v.wrapper.Seal(out, out, key[:], wrapData(p, day)), nil
}

// unwrap opens the key of a day.
func (v *Vault) unwrap(day calendar.Date, row keyRow) ([]byte, error) {
	return v.unwrapAs(daily, day, row)
}

// unwrapAs opens a wrapped key. A row wrapped by another master key is
// fault.Denied; one that was altered or moved to another day is a fault.Bug,
// because no working program writes it.
func (v *Vault) unwrapAs(p purpose, day calendar.Date, row keyRow) ([]byte, error) {
	if !bytes.Equal(row.MasterID, v.masterID) {
		return nil, fault.New(fault.Denied,
			"pan key %s of day %s was wrapped by master key %x, the file holds %x", p, day, row.MasterID, v.masterID)
	}
	if len(row.Wrapped) != wrappedSize {
		return nil, fault.New(fault.Bug, "pan key %s of day %s has %d bytes, want %d", p, day, len(row.Wrapped), wrappedSize)
	}
	key, err := v.wrapper.Open(nil, row.Wrapped[:nonceSize], row.Wrapped[nonceSize:], wrapData(p, day))
	if err != nil {
		return nil, fault.New(fault.Bug, "pan key %s of day %s was altered: %w", p, day, err)
	}
	return key, nil
}

// wrapData binds a wrapped key to its row: a key copied to another day's row,
// or a day key offered as the permanent one, does not open.
func wrapData(p purpose, day calendar.Date) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(day)), p...)
}
