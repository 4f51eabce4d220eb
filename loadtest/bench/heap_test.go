package main

import "testing"

func TestEarlyAndLate(t *testing.T) {
	var all []point
	for second := range 660 {
		mb := 50.0 // While it warms up, in between, and after the end.
		switch minute := second / 60; {
		case minute >= 2 && minute < 4:
			mb = 20
		case minute >= 8 && minute < 10:
			mb = 21
		}
		all = append(all, point{At: float64(second), MB: mb})
	}
	if early, late := earlyAndLate(all, 600); early != 20 || late != 21 {
		t.Errorf("%v MB early, %v MB late", early, late)
	}
}
