package iso

import (
	"iter"
	"math/bits"
)

// fieldMask is a set of the fields 1 to 128: bit n-1 from the least significant
// end stands for field n.
type fieldMask [2]uint64

func (s *fieldMask) add(f int)      { s[(f-1)/64] |= 1 << ((f - 1) % 64) }
func (s *fieldMask) remove(f int)   { s[(f-1)/64] &^= 1 << ((f - 1) % 64) }
func (s *fieldMask) has(f int) bool { return s[(f-1)/64]&(1<<((f-1)%64)) != 0 }
func (s *fieldMask) empty() bool    { return s[0]|s[1] == 0 }

// all gives the fields in ascending order.
func (s *fieldMask) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for half, word := range s {
			for ; word != 0; word &= word - 1 {
				if !yield(half*64 + bits.TrailingZeros64(word) + 1) {
					return
				}
			}
		}
	}
}
