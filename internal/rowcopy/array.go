package rowcopy

import (
	"encoding/binary"
	"time"
)

// Oids of the element types of arrays (PostgreSQL, catalogue pg_type).
const (
	int8OID = 20
	int4OID = 23
	dateOID = 1082
)

// Array is a parameter of an array type in its binary form: one dimension without
// NULLs. Make it with Int32s, Int64s or Dates; all of its elements are then added.
type Array struct{ buffer []byte }

func newArray(oid uint32, n, size int) Array {
	dimensions := uint32(1)
	if n == 0 {
		dimensions = 0
	}
	b := make([]byte, 0, 20+n*(4+size))
	b = binary.BigEndian.AppendUint32(b, dimensions)
	b = binary.BigEndian.AppendUint32(b, 0) // no NULLs
	b = binary.BigEndian.AppendUint32(b, oid)
	if n > 0 {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
		b = binary.BigEndian.AppendUint32(b, 1) // the first index
	}
	return Array{b}
}

// Int32s begins an integer[] of n elements.
func Int32s(n int) Array { return newArray(int4OID, n, 4) }

// Int64s begins a bigint[] of n elements.
func Int64s(n int) Array { return newArray(int8OID, n, 8) }

// Dates begins a date[] of n elements.
func Dates(n int) Array { return newArray(dateOID, n, 4) }

// Int32 adds an element to an integer[].
func (a *Array) Int32(v int32) {
	a.buffer = binary.BigEndian.AppendUint32(a.buffer, 4)
	a.buffer = binary.BigEndian.AppendUint32(a.buffer, uint32(v))
}

// Int64 adds an element to a bigint[].
func (a *Array) Int64(v int64) {
	a.buffer = binary.BigEndian.AppendUint32(a.buffer, 8)
	a.buffer = binary.BigEndian.AppendUint64(a.buffer, uint64(v))
}

// Date adds an element to a date[], in days since 1970-01-01.
func (a *Array) Date(days int32) { a.Int32(days - epochDays) }

// Parameter is the value to bind.
func (a *Array) Parameter() []byte { return a.buffer }

// Int16 is a parameter of type smallint.
func Int16(v int16) []byte { return binary.BigEndian.AppendUint16(nil, uint16(v)) }

// Int64 is a parameter of type bigint.
func Int64(v int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(v)) }

// TimeOf is a value of type timestamptz in its binary form; false if it is none.
func TimeOf(value []byte) (time.Time, bool) {
	if len(value) != 8 {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(value)) + epochMicro), true
}
