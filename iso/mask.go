package iso

import (
	"iter"
	"math/bits"
	"slices"
)

// fieldMask is a set of the fields 1 to 128: field n is bit n-1 from the least significant end.
type fieldMask [2]uint64

func (s *fieldMask) add(f int)      { s[(f-1)/64] |= 1 << ((f - 1) % 64) }
func (s *fieldMask) remove(f int)   { s[(f-1)/64] &^= 1 << ((f - 1) % 64) }
func (s *fieldMask) has(f int) bool { return s[(f-1)/64]&(1<<((f-1)%64)) != 0 }
func (s *fieldMask) empty() bool    { return s[0]|s[1] == 0 }

// hasOneOf reports whether any of the fields is in the set.
func (s *fieldMask) hasOneOf(fields []int) bool { return slices.ContainsFunc(fields, s.has) }

// below counts the fields of the set that are lower than f.
func (s *fieldMask) below(f int) int {
	if f > 64 {
		return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]&(1<<(f-65)-1))
	}
	return bits.OnesCount64(s[0] & (1<<(f-1) - 1))
}

// count returns the number of fields in the set.
func (s *fieldMask) count() int { return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) }

// fieldOf returns the lowest field of a word of a fieldMask, which must not be zero. Loops on the hot path take a
// word apart with it, because an iterator costs more than their work on a field.
func fieldOf(half int, word uint64) int { return half*64 + bits.TrailingZeros64(word) + 1 }

// all returns the fields in ascending order.
func (s *fieldMask) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for half, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(fieldOf(half, word)) {
					return
				}
			}
		}
	}
}
