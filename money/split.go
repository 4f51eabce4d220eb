package money

import (
	"math/bits"
	"slices"

	"treasury-switch/internal/fault"
)

// Split divides total in proportion to the weights by the method of the
// largest remainder: each part is rounded down, and the rials left over go one
// each to the parts with the largest remainders; of equal remainders the part
// listed first is served first. The parts always sum to total exactly.
// The total and the weights must not be negative, and at least one weight must
// be above zero (fault.Invalid). A part of weight zero is always zero.
func Split(total Rial, weights []int64) ([]Rial, error) {
	whole, err := weigh(total, weights)
	if err != nil {
		return nil, err
	}
	parts := make([]Rial, len(weights))
	remainders := make([]uint64, len(weights))
	left := total
	for i, w := range weights {
		// total*w/whole needs 128 bits; the quotient fits because w <= whole.
		high, low := bits.Mul64(uint64(total), uint64(w))
		quotient, remainder := bits.Div64(high, low, whole)
		parts[i], remainders[i] = Rial(quotient), remainder
		left -= parts[i]
	}
	for _, i := range byRemainder(remainders)[:left] {
		parts[i]++
	}
	return parts, nil
}

// weigh checks the input of Split and returns the sum of the weights.
func weigh(total Rial, weights []int64) (uint64, error) {
	if total < 0 {
		return 0, fault.New(fault.Invalid, "split %d rial: negative", total)
	}
	var whole uint64
	for _, w := range weights {
		if w < 0 {
			return 0, fault.New(fault.Invalid, "split %d rial: negative weight %d", total, w)
		}
		var carry uint64
		whole, carry = bits.Add64(whole, uint64(w), 0)
		if carry != 0 {
			return 0, fault.New(fault.Invalid, "split %d rial: weights: %w", total, ErrOverflow)
		}
	}
	if whole == 0 {
		return 0, fault.New(fault.Invalid, "split %d rial: no weight above zero", total)
	}
	return whole, nil
}

// byRemainder returns the positions, largest remainder first, equal ones in
// their given order.
func byRemainder(remainders []uint64) []int {
	order := make([]int, len(remainders))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case remainders[a] > remainders[b]:
			return -1
		case remainders[a] < remainders[b]:
			return 1
		}
		return 0
	})
	return order
}
