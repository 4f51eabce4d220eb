package defaults

import (
	"testing"
	"time"
)

func TestPositive(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{-1: 7, 0: 7, 1: 1, 7: 7, time.Hour: time.Hour} {
		got := given
		if Positive(&got, 7); got != want {
			t.Errorf("%v becomes %v, want %v", given, got, want)
		}
	}
}
