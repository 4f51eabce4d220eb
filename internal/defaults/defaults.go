// Package defaults completes settings that were left out.
package defaults

import "time"

// Positive gives a limit or a time that is not positive its default.
func Positive[T int | time.Duration](setting *T, value T) {
	if *setting <= 0 {
		*setting = value
	}
}
