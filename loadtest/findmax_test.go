package main

import (
	"errors"
	"math"
	"testing"

	"treasury-switch/loadtest/report"
)

// TestSearch finds the capacity of a system whose capacity is known.
func TestSearch(t *testing.T) {
	for _, c := range []struct {
		name     string
		capacity float64
		first    float64
		confirms func(rate float64) bool
		least    float64
		most     float64
	}{
		{"above the first rate", 3170, 200, nil, 3170 / closeEnough, 3170},
		{"the first rate is too much", 37, 1000, nil, 37 / closeEnough, 37},
		{"exactly the first rate", 200, 200, nil, 200 / closeEnough, 200},
		{"nothing holds", 0, 200, nil, 0, 0},
		{"the longer run holds less", 1000, 200, func(rate float64) bool { return rate <= 940 }, 850, 940},
		{"the longer run never holds", 1000, 200, func(float64) bool { return false }, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := 0
			rate, err := search(c.first, func(rate float64, confirming bool) (attempt, error) {
				tries++
				switch {
				case confirming && c.confirms != nil && !c.confirms(rate), rate > c.capacity:
					return fails, nil
				}
				return holds, nil
			})
			if err != nil || rate < c.least || rate > c.most {
				t.Errorf("found %g (%v), want %g to %g", rate, err, c.least, c.most)
			}
			if tries > searches*(mostSteps+confirmings)+doubts {
				t.Errorf("%d tries", tries)
			}
		})
	}
	broken := errors.New("broken")
	if _, err := search(1, func(float64, bool) (attempt, error) { return fails, broken }); !errors.Is(err, broken) {
		t.Errorf("the failure of a try became %v", err)
	}
}

// A rate that fails by little is tried once more, and one that fails by much is not.
func TestSearchForgivesAHiccup(t *testing.T) {
	const capacity = 1000
	tries := map[float64]int{}
	rate, err := search(200, func(rate float64, _ bool) (attempt, error) {
		tries[rate]++
		switch {
		case rate > 1.5*capacity:
			return failing, nil
		case rate > capacity, rate == 800 && tries[rate] == 1:
			return fails, nil
		}
		return holds, nil
	})
	if err != nil || rate < capacity/closeEnough {
		t.Errorf("found %g (%v), and %d hold", rate, err, capacity)
	}
	if tries[800] < 2 || tries[1600] != 1 {
		t.Errorf("tries by rate: %v", tries)
	}
}

// A machine that had other work while a search climbed has more to give afterwards, by up to twice 15 %.
func TestSearchDoubtsItself(t *testing.T) {
	for capacity, want := range map[float64]float64{900: 800, 1000: 800 * above, 2000: 800 * above * above} {
		calm := false
		rate, err := search(800, func(rate float64, confirming bool) (attempt, error) {
			calm = calm || confirming
			if calm && rate <= capacity || rate <= 800 {
				return holds, nil
			}
			return failing, nil
		})
		if err != nil || math.Abs(rate-want) > 1 {
			t.Errorf("found %g (%v) of %g, want %g", rate, err, capacity, want)
		}
	}
}

// A search that found nothing because of what else the machine did begins once more, lower.
func TestSearchBeginsAgain(t *testing.T) {
	var firsts []float64
	climbing := false
	rate, err := search(800, func(rate float64, confirming bool) (attempt, error) {
		if !confirming && !climbing {
			firsts = append(firsts, rate)
		}
		climbing = !confirming
		if rate > 1000 || confirming && len(firsts) == 1 {
			return failing, nil
		}
		return holds, nil
	})
	if err != nil || rate < 1000/closeEnough || len(firsts) != 2 || firsts[1] != 400 {
		t.Errorf("found %g (%v) from %v", rate, err, firsts)
	}
}

// How a step went follows from how much of it was lost.
func TestOutcomeOfAStep(t *testing.T) {
	for _, c := range []struct {
		step report.Step
		want attempt
	}{
		{report.Step{Rate: 100, Achieved: 100, Holds: true}, holds},
		{report.Step{Rate: 100, Achieved: 99, Shed: 10}, fails},
		{report.Step{Rate: 100, Achieved: 95, Errors: 1}, fails},
		{report.Step{Rate: 100, Achieved: 100, P99MS: 700}, fails},
		{report.Step{Rate: 100, Achieved: 95, Shed: 150}, failing},
		{report.Step{Rate: 100, Achieved: 80}, failing},
	} {
		c.step.DurationS = 10
		if got := outcome(c.step); got != c.want {
			t.Errorf("%+v: %d, want %d", c.step, got, c.want)
		}
	}
}
