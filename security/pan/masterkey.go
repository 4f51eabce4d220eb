package pan

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"treasury-switch/internal/fault"
)

// keySize is the length in bytes of every key here: AES-256.
const keySize = 32

// masterIDSize is the length in bytes of the public name of a master key.
const masterIDSize = 8

// maxMasterFile bounds what is read of a master key file: 64 hex digits and
// one line end.
const maxMasterFile = 2*keySize + 2

// MasterKey wraps the keys in the database. It prints as a mask under every
// verb. The bytes are behind a function because fmt walks the unexported
// fields of a surrounding struct without asking their methods, and follows a
// pointer to an array under a verb that does not fit it; of a function it
// shows the address only.
type MasterKey struct {
	reveal func() *[keySize]byte
}

// newMasterKey wraps key bytes; it keeps the array itself.
func newMasterKey(key *[keySize]byte) MasterKey {
	return MasterKey{reveal: func() *[keySize]byte { return key }}
}

// LoadMasterKey reads a master key from a file that holds 64 hex digits and
// that nobody but its owner may read. Errors are fault.Denied for a file that
// is too open, fault.NotFound for a missing one and fault.Invalid for a file
// of another form; each says how to make a good one.
func LoadMasterKey(path string) (MasterKey, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return MasterKey{}, fault.New(fault.NotFound, "master key file %s does not exist: %s", path, howTo(path))
	}
	if err != nil {
		return MasterKey{}, fault.New(fault.Denied, "open master key file: %w", err)
	}
	defer file.Close()
	// The rights are read from the open file, not from the path, so that the
	// file cannot be exchanged between the check and the reading.
	info, err := file.Stat()
	if err != nil {
		return MasterKey{}, fault.New(fault.Unavailable, "inspect master key file %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return MasterKey{}, fault.New(fault.Invalid, "master key file %s is not a regular file", path)
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return MasterKey{}, fault.New(fault.Denied,
			"master key file %s has permissions %04o, wider than 0600: run  chmod 600 %s", path, perm, path)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxMasterFile+1))
	if err != nil {
		return MasterKey{}, fault.New(fault.Unavailable, "read master key file %s: %w", path, err)
	}
	return parseMasterKey(path, text)
}

// parseMasterKey reads 64 hex digits and at most one line end. Nothing of the
// text is repeated in an error.
func parseMasterKey(path string, text []byte) (MasterKey, error) {
	defer clear(text)
	digits := text
	if n := len(digits); n > 0 && digits[n-1] == '\n' {
		digits = digits[:n-1]
	}
	if n := len(digits); n > 0 && digits[n-1] == '\r' {
		digits = digits[:n-1]
	}
	if len(digits) != 2*keySize {
		return MasterKey{}, fault.New(fault.Invalid,
			"master key file %s must hold exactly %d hex digits: %s", path, 2*keySize, howTo(path))
	}
	key := new([keySize]byte)
	if _, err := hex.Decode(key[:], digits); err != nil {
		return MasterKey{}, fault.New(fault.Invalid,
			"master key file %s holds something else than hex digits: %s", path, howTo(path))
	}
	if *key == ([keySize]byte{}) {
		return MasterKey{}, fault.New(fault.Invalid, "master key file %s holds only zeros: %s", path, howTo(path))
	}
	return newMasterKey(key), nil
}

// howTo is the command that makes a good master key file.
func howTo(path string) string {
	return fmt.Sprintf("make one with  (umask 077; openssl rand -hex %d > %s)", keySize, path)
}

// CreateMasterKey makes a new master key file with permissions 0600 and
// returns the key. It never replaces a file: an existing path is
// fault.Conflict. The file appears complete or not at all, so two processes
// that start at once agree on one key when the loser loads it.
func CreateMasterKey(path string) (MasterKey, error) {
	key := new([keySize]byte)
	if _, err := rand.Read(key[:]); err != nil {
		return MasterKey{}, fault.New(fault.Unavailable, "make a master key: %w", err)
	}
	temporary, err := writeTemporary(path, key)
	if err != nil {
		return MasterKey{}, fault.New(fault.Unavailable, "write master key file %s: %w", path, err)
	}
	defer os.Remove(temporary)
	// Link, unlike Rename, refuses a path that exists.
	if err := os.Link(temporary, path); errors.Is(err, fs.ErrExist) {
		return MasterKey{}, fault.New(fault.Conflict, "master key file %s exists already and is not replaced", path)
	} else if err != nil {
		return MasterKey{}, fault.New(fault.Unavailable, "place master key file: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return MasterKey{}, fault.New(fault.Unavailable, "make master key file %s durable: %w", path, err)
	}
	return newMasterKey(key), nil
}

// writeTemporary writes the key durably to a new file beside path; os.CreateTemp
// gives it permissions 0600.
func writeTemporary(path string, key *[keySize]byte) (string, error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".master-key-*")
	if err != nil {
		return "", err
	}
	text := append(hex.AppendEncode(nil, key[:]), '\n')
	defer clear(text)
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncFolder makes a new name in a folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// IsZero reports whether no key was loaded.
func (m MasterKey) IsZero() bool { return m.reveal == nil }

// id is the public name of the master key: it tells which key wrapped a row
// and says nothing about the key (HKDF output of its own label).
func (m MasterKey) id() ([]byte, error) {
	return hkdf.Key(sha256.New, m.reveal()[:], nil, "treasury-switch master key id v1", masterIDSize)
}

// wrapper is the cipher that wraps keys. It uses a derived key, so that the
// master key itself is input of HKDF alone.
func (m MasterKey) wrapper() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, m.reveal()[:], nil, "treasury-switch key wrap v1", keySize)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return newAEAD(key)
}

// newAEAD makes AES-256-GCM with the standard 96-bit nonce and 128-bit tag.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
