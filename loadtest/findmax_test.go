package main

import (
	"errors"
	"testing"
)

// TestSearch finds the capacity of a system whose capacity is known.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		name      string
		capacity  float64
		first     float64
		confirms  func(rate float64) bool
		least     float64
		most      float64
		confirmed bool
	}{
		{"above the first rate", 3170, 200, nil, 3170 / closeEnough, 3170, true},
		{"the first rate is too much", 37, 1000, nil, 37 / closeEnough, 37, true},
		{"exactly the first rate", 200, 200, nil, 200 / closeEnough, 200, true},
		{"nothing holds", 0, 200, nil, 0, 0, false},
		{"the longer run holds less", 1000, 200, func(rate float64) bool { return rate <= 940 }, 850, 940, true},
		{"the longer run never holds", 1000, 200, func(float64) bool { return false }, 400, 1000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := 0
			rate, confirmed, err := search(c.first, func(rate float64, confirming bool) (bool, error) {
				tries++
				if confirming && c.confirms != nil {
					return c.confirms(rate), nil
				}
				return rate <= c.capacity, nil
			})
			if err != nil || rate < c.least || rate > c.most || confirmed != c.confirmed {
				t.Errorf("found %g (confirmed: %v, %v), want %g to %g", rate, confirmed, err, c.least, c.most)
			}
			if tries > mostSteps+confirmings {
				t.Errorf("%d tries", tries)
			}
		})
	}
	broken := errors.New("broken")
	if _, _, err := search(1, func(float64, bool) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("the failure of a try became %v", err)
	}
}
