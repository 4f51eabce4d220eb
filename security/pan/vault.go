package pan

import (
	"context"
	"crypto/cipher"
	"fmt"
	"sync/atomic"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// maxCached bounds the number of day keys held in memory. Traffic needs one or
// two days, late reversals a few more.
const maxCached = 62

// Vault seals card numbers and makes the keyed digests. It is safe for
// concurrent use, and several nodes may use one database: they share every key.
type Vault struct {
	db       DB
	wrapper  cipher.AEAD
	masterID []byte
	token    *keyedHash
	digest   *keyedHash

	// days is replaced whole on every change, so that Seal reads it without a
	// lock. changing, a semaphore of one, orders the changes and can be waited
	// for with a context.
	days     atomic.Pointer[dayCache]
	changing chan struct{}
}

// Open makes a vault over the table pan_key: it creates the permanent key on
// first use and loads the keys of the latest days. A master key that did not
// wrap the permanent key is fault.Denied, a database that does not answer
// fault.Unavailable.
func Open(ctx context.Context, db DB, master MasterKey) (*Vault, error) {
	if master.IsZero() {
		return nil, fault.New(fault.Invalid, "open the pan vault: no master key")
	}
	wrapper, err := master.wrapper()
	if err != nil {
		return nil, fault.New(fault.Bug, "derive the wrapping key: %w", err)
	}
	id, err := master.id()
	if err != nil {
		return nil, fault.New(fault.Bug, "derive the master key's id: %w", err)
	}
	v := &Vault{db: db, wrapper: wrapper, masterID: id, changing: make(chan struct{}, 1)}
	v.days.Store(&dayCache{})
	if err := v.openPermanent(ctx); err != nil {
		return nil, fmt.Errorf("open the pan vault: %w", err)
	}
	if err := v.warm(ctx); err != nil {
		return nil, fmt.Errorf("open the pan vault: %w", err)
	}
	return v, nil
}

// openPermanent loads or makes the permanent key and derives the keys of the
// digests from it, a separate one for each use (RFC 5869).
func (v *Vault) openPermanent(ctx context.Context) error {
	root, err := v.obtain(ctx, permanent, calendar.Date(0))
	if err != nil {
		return fmt.Errorf("permanent key: %w", err)
	}
	defer clear(root)
	if v.token, err = deriveHash(root, "treasury-switch pan token v1"); err != nil {
		return err
	}
	v.digest, err = deriveHash(root, "treasury-switch request digest v1")
	return err
}

// warm loads the live keys of the latest days, so that a node that starts in
// mid-day serves its first payment at full speed.
func (v *Vault) warm(ctx context.Context) error {
	rows, err := selectLatest(ctx, v.db, maxCached)
	if err != nil {
		return err
	}
	// The latest day comes first in rows and is loaded last: the cache forgets
	// the one loaded first.
	for i := len(rows) - 1; i >= 0; i-- {
		if err := v.keep(rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// keep unwraps one row into the cache.
func (v *Vault) keep(row keyRow) error {
	day := calendar.FromDB(row.Day)
	key, err := v.unwrap(day, row)
	if err != nil {
		return err
	}
	defer clear(key)
	aead, err := newAEAD(key)
	if err != nil {
		return fault.New(fault.Bug, "set up the key of day %s: %w", day, err)
	}
	v.days.Store(v.days.Load().with(day, aead))
	return nil
}

// Prepare makes the day's key exist and loads it, so that the first payment of
// the day does not wait for the database. It is called before traffic and some
// time before midnight; it also does what Refresh does. A day whose key was
// destroyed is fault.Conflict.
func (v *Vault) Prepare(ctx context.Context, day calendar.Date) error {
	if err := v.Refresh(ctx); err != nil {
		return err
	}
	_, err := v.sealer(ctx, day)
	return err
}

// Refresh forgets the keys of days that another node destroyed. Until a node
// calls it, a key destroyed elsewhere stays usable on that node, so it belongs
// on a timer of a minute or so.
func (v *Vault) Refresh(ctx context.Context) error {
	release, err := v.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	cached := v.days.Load().dates()
	if len(cached) == 0 {
		return nil
	}
	gone, err := selectDestroyed(ctx, v.db, cached)
	if err != nil {
		return err
	}
	for _, day := range gone {
		v.days.Store(v.days.Load().without(day))
	}
	return nil
}

// acquire takes the right to change the cache, or gives up with the context:
// nothing was done then.
func (v *Vault) acquire(ctx context.Context) (release func(), err error) {
	select {
	case v.changing <- struct{}{}:
		return func() { <-v.changing }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.Unavailable, "wait for another load of a day key: %w", ctx.Err())
	}
}
