package money

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"treasury-switch/internal/fault"
)

func TestSplit(t *testing.T) {
	for name, row := range map[string]struct {
		total   Rial
		weights []int64
		want    []Rial
	}{
		"even":                   {100, []int64{1, 1}, []Rial{50, 50}},
		"one left, tie to first": {101, []int64{1, 1}, []Rial{51, 50}},
		"two left of three":      {101, []int64{1, 1, 1}, []Rial{34, 34, 33}},
		"largest remainder":      {10, []int64{33, 67}, []Rial{3, 7}},
		"largest is last":        {1, []int64{1, 2}, []Rial{0, 1}},
		"weight zero":            {7, []int64{0, 1, 0}, []Rial{0, 7, 0}},
		"nothing":                {0, []int64{3, 4}, []Rial{0, 0}},
		"one":                    {7, []int64{9}, []Rial{7}},
		"large":                  {math.MaxInt64, []int64{math.MaxInt64, math.MaxInt64}, []Rial{1 << 62, 1<<62 - 1}},
	} {
		if got, err := Split(row.total, row.weights); err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, %v, want %v", name, got, err, row.want)
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	const most = math.MaxInt64
	for name, row := range map[string]struct {
		total   Rial
		weights []int64
	}{
		"negative total": {-1, []int64{1}}, "negative weight": {1, []int64{2, -1}}, "only a negative weight": {1, []int64{-1}}, "no weights": {1, nil},
		"only zeros": {1, []int64{0, 0}}, "weights overflow": {1, []int64{most, most, most}},
	} {
		if _, err := Split(row.total, row.weights); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The parts sum to the total, each is its exact share rounded down or up, more
// weight never gets less, and of equal weights the first is not behind.
func TestSplitProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := Rial(rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "total"))
		limit := rapid.SampledFrom([]int64{3, 100, math.MaxInt64 / 16}).Draw(t, "limit")
		weights := rapid.SliceOfN(rapid.Int64Range(0, limit), 1, 12).Draw(t, "weights")
		var whole int64
		for _, w := range weights {
			whole += w
		}
		parts, err := Split(total, weights)
		if whole == 0 {
			if err == nil {
				t.Fatalf("split by weights of nothing into %v", parts)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := Rial(0)
		for _, part := range parts {
			sum += part
		}
		if sum != total {
			t.Fatalf("%v sums to %d, want %d", parts, sum, total)
		}
		for i, part := range parts {
			exact := new(big.Int).Mul(big.NewInt(int64(total)), big.NewInt(weights[i]))
			down, remainder := new(big.Int).DivMod(exact, big.NewInt(whole), new(big.Int))
			over := int64(part) - down.Int64()
			if over != 0 && !(over == 1 && remainder.Sign() > 0) {
				t.Fatalf("part %d is %d, its exact share %s rest %s", i, part, down, remainder)
			}
			for j := range i {
				if weights[j] >= weights[i] && parts[j] < part || weights[j] < weights[i] && parts[j] > part {
					t.Fatalf("weights %d and %d give %d and %d", weights[j], weights[i], parts[j], part)
				}
			}
		}
	})
}
