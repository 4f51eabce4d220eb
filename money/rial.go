// Package money holds amounts in rial: whole numbers with checked arithmetic
// and a split that never loses or makes a rial.
package money

import (
	"math"
	"strconv"

	"treasury-switch/internal/fault"
)

// Rial is an amount in Iranian rial, which has no minor unit on the card
// network (ISO 4217 IRR, code 364). It may be negative in balances and
// differences; a payment's amount never is.
type Rial int64

// MaxPayment is the largest amount of one payment, in rial: field 4 of
// ISO 8583 is n12.
const MaxPayment Rial = 999_999_999_999

// ErrOverflow is wrapped by every error of arithmetic that left the range of
// int64. Its kind is fault.Invalid: the amounts asked for cannot be.
var ErrOverflow = fault.New(fault.Invalid, "amount out of range")

// Add returns a+b, or ErrOverflow.
func (a Rial) Add(b Rial) (Rial, error) {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return 0, fault.New(fault.Invalid, "%d + %d: %w", a, b, ErrOverflow)
	}
	return sum, nil
}

// Sub returns a-b, or ErrOverflow.
func (a Rial) Sub(b Rial) (Rial, error) {
	difference := a - b
	if (difference < a) != (b > 0) && b != 0 {
		return 0, fault.New(fault.Invalid, "%d - %d: %w", a, b, ErrOverflow)
	}
	return difference, nil
}

// Times returns a*n, or ErrOverflow.
func (a Rial) Times(n int64) (Rial, error) {
	if a == 0 || n == 0 {
		return 0, nil
	}
	product := a * Rial(n)
	// Dividing back misses one case: MinInt64 times -1 wraps to itself.
	wrapped := n == -1 && a == math.MinInt64 || a == -1 && n == math.MinInt64
	if wrapped || product/Rial(n) != a {
		return 0, fault.New(fault.Invalid, "%d * %d: %w", a, n, ErrOverflow)
	}
	return product, nil
}

// String returns the amount as plain Latin digits, "1476112", as it is written in
// files, JSON and logs.
func (a Rial) String() string { return strconv.FormatInt(int64(a), 10) }

// Grouped returns the amount with a comma between groups of three digits,
// "1,476,112", for people.
func (a Rial) Grouped() string {
	plain := a.String()
	sign := 0
	if a < 0 {
		sign = 1
	}
	grouped := make([]byte, 0, len(plain)+len(plain)/3)
	for i := 0; i < len(plain); i++ {
		if i > sign && (len(plain)-i)%3 == 0 {
			grouped = append(grouped, ',')
		}
		grouped = append(grouped, plain[i])
	}
	return string(grouped)
}
