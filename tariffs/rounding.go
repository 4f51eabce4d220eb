package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// Direction is where rounding goes.
type Direction string

// The directions of rounding.
const (
	HalfUp Direction = "half-up"
	Up     Direction = "up"
	Down   Direction = "down"
)

// Rounding makes an exact amount a multiple of Unit rial. The zero Rounding is
// half up to one rial.
type Rounding struct {
	Unit      money.Rial `json:"unit,omitempty"`
	Direction Direction  `json:"direction,omitempty"`
}

// largest is money.MaxPayment for comparison with exact amounts.
var largest = decimal.NewFromInt(int64(money.MaxPayment))

// apply rounds an exact amount that is not negative. It fails with ErrTooLarge
// beyond what a payment can carry, long before int64 ends.
func (r Rounding) apply(exact decimal.Decimal) (money.Rial, error) {
	unit := decimal.NewFromInt(max(int64(r.Unit), 1))
	whole, rest := exact.QuoRem(unit, 0)
	up := false
	switch r.Direction {
	case Up:
		up = rest.IsPositive()
	case Down:
	default:
		up = rest.Add(rest).GreaterThanOrEqual(unit)
	}
	if up {
		whole = whole.Add(one)
	}
	rounded := whole.Mul(unit)
	if rounded.GreaterThan(largest) {
		return 0, ErrTooLarge
	}
	return money.Rial(rounded.IntPart()), nil
}

// spelled names unit and direction, for those who read a quote.
func (r Rounding) spelled() Rounding {
	r.Unit = max(r.Unit, 1)
	if r.Direction == "" {
		r.Direction = HalfUp
	}
	return r
}
