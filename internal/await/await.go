// Package await waits with a bound.
package await

import "time"

// Pause waits for d and is true, or is false as soon as done is closed: a context's end, a program's stop, an answer.
// A pause of no time needs no timer.
func Pause(done <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		select {
		case <-done:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return false
	case <-timer.C:
		return true
	}
}
