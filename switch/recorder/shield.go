package recorder

import (
	"fmt"
	"log/slog"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// shielded does what many payments depend on: a bug that one of them meets is an error and an alarm, and not the end of the process.
func Shielded(observe Alarmer, log *slog.Logger, what string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %w", what, BrokeOff(observe, log, p))
		}
	}()
	return do()
}

// brokeOff tells operators of a panic.
func BrokeOff(observe Alarmer, log *slog.Logger, cause any) error {
	bug := fault.Panicked(cause)
	log.Error("a bug ended the work on a payment", "error", bug, "stack", bug.Places)
	observe.Alarm(payment.BrokenOff)
	return bug
}
