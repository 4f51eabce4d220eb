package money

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

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
func agrees(t rapid.TB, got Rial, err error, want *big.Int) {
	t.Helper()
	if want.IsInt64() {
		if err != nil || int64(got) != want.Int64() {
			t.Fatalf("%d, %v, want %s", got, err, want)
		}
		return
	}
	if !errors.Is(err, ErrOverflow) || fault.KindOf(err) != fault.Invalid || got != 0 {
		t.Fatalf("%d, %v for %s", got, err, want)
	}
}

func checkPair(t rapid.TB, a, b int64) {
	t.Helper()
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

func TestText(t *testing.T) {
	for _, row := range []struct {
		amount         Rial
		plain, grouped string
	}{
		{0, "0", "0"}, {7, "7", "7"}, {999, "999", "999"}, {1000, "1000", "1,000"}, {1476112, "1476112", "1,476,112"},
		{-100, "-100", "-100"}, {-1000, "-1000", "-1,000"}, {MaxPayment, "999999999999", "999,999,999,999"},
		{math.MinInt64, "-9223372036854775808", "-9,223,372,036,854,775,808"},
	} {
		if plain, grouped := row.amount.String(), row.amount.Grouped(); plain != row.plain || grouped != row.grouped {
			t.Errorf("%s and %s, want %s and %s", plain, grouped, row.plain, row.grouped)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Rial{
		"0": 0, "1476112": 1_476_112, "1,476,112": 1_476_112, "۱٬۴۷۶٬۱۱۲": 1_476_112, "١٤٧٦١١٢": 1_476_112, " 12 ": 12,
		"12,345": 12_345, "007": 7, "9223372036854775807": math.MaxInt64,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "-1", "+1", "1.5", "1,00", "1,0000", ",100", "100,", "1,,000", "1234,567", "1 000",
		"9223372036854775808", "12a", "۱۲x", "0x10", "1e3", "1_000", "6037990000000014x"} {
		_, err := Parse(text)
		if fault.KindOf(err) != fault.Invalid || strings.Contains(err.Error(), "6037990000000014") {
			t.Errorf("%q: %v", text, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := Rial(rapid.Int64Range(0, math.MaxInt64).Draw(t, "a"))
		for _, text := range []string{a.String(), a.Grouped()} {
			if got, err := Parse(text); err != nil || got != a {
				t.Fatalf("%s: %d, %v", text, got, err)
			}
		}
	})
}
