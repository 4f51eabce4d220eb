package tariffs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"

	"treasury-switch/internal/fault"
)

// idBits keeps ids exact in every reader of JSON, JavaScript's included.
const idBits = 53

// identify returns the id of a version: 53 bits of the SHA-256 of its content.
// The same content has the same id on every machine, which makes importing it
// twice harmless; two contents of one id are refused when imported.
func identify(v Version) int64 {
	sum := sha256.Sum256(v.body())
	return int64(binary.BigEndian.Uint64(sum[:8]) >> (64 - idBits))
}

// body is the content of a version as it is stored: JSON without the id.
func (v Version) body() []byte { return written(v) }

// written is a version, or a part of one, as JSON.
func written(part any) []byte {
	text, err := json.Marshal(part)
	if err != nil {
		panic("tariffs: a version that cannot be written: " + err.Error()) // only strings and numbers in it
	}
	return text
}

// versionOf is the inverse of body.
func versionOf(id int64, body []byte) (Version, error) {
	v := Version{}
	if err := json.Unmarshal(body, &v); err != nil {
		return Version{}, fault.New(fault.Bug, "tariff version %d: %w", id, err)
	}
	v.ID = id
	return v, nil
}
