package money

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"treasury-switch/internal/fault"
)

// edges are the amounts at which arithmetic goes wrong first.
var edges = []int64{math.MinInt64, math.MinInt64 + 1, -2, -1, 0, 1, 2, 3, int64(MaxPayment), math.MaxInt64 - 1, math.MaxInt64}

// amount draws an edge or any number.
func amount(t *rapid.T, label string) int64 {
	return rapid.OneOf(rapid.SampledFrom(edges), rapid.Int64(), rapid.Int64Range(-1e10, 1e10)).Draw(t, label)
}

// agrees compares a result with exact arithmetic: right, or refused because it
// does not fit.
func agrees(t require.TestingT, got Rial, err error, want *big.Int) {
	if want.IsInt64() {
		require.NoError(t, err)
		require.Equal(t, want.Int64(), int64(got))
		return
	}
	require.ErrorIs(t, err, ErrOverflow)
	require.Equal(t, fault.Invalid, fault.KindOf(err))
	require.Zero(t, got)
}

func checkPair(t require.TestingT, a, b int64) {
	x, y := big.NewInt(a), big.NewInt(b)
	got, err := Rial(a).Add(Rial(b))
	agrees(t, got, err, new(big.Int).Add(x, y))
	got, err = Rial(a).Sub(Rial(b))
	agrees(t, got, err, new(big.Int).Sub(x, y))
	got, err = Rial(a).Times(b)
	agrees(t, got, err, new(big.Int).Mul(x, y))
}

func TestArithmeticIsExactOrRefused(t *testing.T) {
	for _, a := range edges {
		for _, b := range edges {
			checkPair(t, a, b)
		}
	}
	rapid.Check(t, func(t *rapid.T) { checkPair(t, amount(t, "a"), amount(t, "b")) })
}

func TestSum(t *testing.T) {
	total, err := Sum(10_000, 37_500, 1_000_000, 428_612)
	require.NoError(t, err)
	require.Equal(t, Rial(1_476_112), total)
	total, err = Sum()
	require.NoError(t, err)
	require.Zero(t, total)
	_, err = Sum(math.MaxInt64, 1)
	require.ErrorIs(t, err, ErrOverflow)
}

func TestText(t *testing.T) {
	for _, row := range []struct {
		amount         Rial
		plain, grouped string
	}{
		{0, "0", "0"}, {7, "7", "7"}, {999, "999", "999"}, {1000, "1000", "1,000"}, {1476112, "1476112", "1,476,112"},
		{-100, "-100", "-100"}, {-1000, "-1000", "-1,000"}, {MaxPayment, "999999999999", "999,999,999,999"},
		{math.MinInt64, "-9223372036854775808", "-9,223,372,036,854,775,808"},
	} {
		require.Equal(t, row.plain, row.amount.String())
		require.Equal(t, row.grouped, row.amount.Grouped())
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Rial{
		"0": 0, "1476112": 1_476_112, "1,476,112": 1_476_112, "۱٬۴۷۶٬۱۱۲": 1_476_112, "١٤٧٦١١٢": 1_476_112, " 12 ": 12,
		"12,345": 12_345, "007": 7, "9223372036854775807": math.MaxInt64,
	} {
		got, err := Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", " ", "-1", "+1", "1.5", "1,00", "1,0000", ",100", "100,", "1,,000", "1234,567", "1 000",
		"9223372036854775808", "12a", "۱۲x", "0x10", "1e3", "1_000", "6037990000000014x"} {
		_, err := Parse(text)
		require.Equal(t, fault.Invalid, fault.KindOf(err), text)
		require.NotContains(t, err.Error(), "6037990000000014")
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Rial(rapid.Int64Range(0, math.MaxInt64).Draw(t, "a"))
		for _, text := range []string{a.String(), a.Grouped()} {
			got, err := Parse(text)
			require.NoError(t, err)
			require.Equal(t, a, got)
		}
	})
}
