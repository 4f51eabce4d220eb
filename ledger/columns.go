package ledger

import (
	"github.com/jackc/pgx/v5/pgtype"

	"treasury-switch/calendar"
)

// The columns of a group travel as arrays. pgx asks for an array's elements one by one as interface values; handing out
// pointers into the slice, to types that know their PostgreSQL value, spares an allocation for every value.

// number is an element of smallint[], integer[] and bigint[].
type number int64

// Int64Value implements pgtype.Int64Valuer.
func (n *number) Int64Value() (pgtype.Int8, error) {
	return pgtype.Int8{Int64: int64(*n), Valid: true}, nil
}

// date is an element of date[].
type date calendar.Date

// DateValue implements pgtype.DateValuer.
func (d *date) DateValue() (pgtype.Date, error) {
	return pgtype.Date{Time: calendar.Date(*d).Time(), Valid: true}, nil
}

// column is a one-dimensional array without NULLs.
type column[T any] []T

// Dimensions implements pgtype.ArrayGetter.
func (c column[T]) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(c)), LowerBound: 1}}
}

// Index implements pgtype.ArrayGetter.
func (c column[T]) Index(i int) any { return &c[i] }

// IndexType implements pgtype.ArrayGetter.
func (c column[T]) IndexType() any { return new(T) }
