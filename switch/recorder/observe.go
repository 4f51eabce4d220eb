package recorder

import (
	"fmt"
	"log/slog"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// Alarmer alerts operators.
type Alarmer interface {
	// Alarm: operators should look now.
	Alarm(reason payment.Reason)
}

// Observer is told how plans are recorded. Its methods must not block.
type Observer interface {
	Alarmer
	// Group: a group of plans became durable.
	Group(g GroupWritten)
	// GroupFailed: one attempt to write a group failed.
	GroupFailed(why GroupFailure)
}

// GroupWritten describes a group that became durable, and where its time went.
type GroupWritten struct {
	// Size is the number of plans; 0 for the beat with which an idle lane renews its lease.
	Size int
	// Waited is the longest time that a plan had waited in the lane's queue.
	Waited time.Duration
	// Statements is the time from BEGIN to the last statement before COMMIT.
	Statements time.Duration
	// Commit is the time of COMMIT: the disk's, and a synchronous standby's.
	Commit time.Duration
}

// GroupFailure is the remedy for a failed attempt to write a group.
type GroupFailure string

// The remedies.
const (
	GroupReconnects GroupFailure = "reconnect" // the connection is gone, or the outcome unknown
	GroupOvertaken  GroupFailure = "overtaken" // a member's row exists already: look up whose it is, and write the others again
	GroupRepeated   GroupFailure = "repeat"    // serialization failure, deadlock, lock timeout: the same group again
	GroupSplit      GroupFailure = "split"     // one member spoils it
	GroupFencedOff  GroupFailure = "fenced"    // another node has taken the lane over
	GroupBroken     GroupFailure = "bug"       // a statement of the recorder is wrong: its members are refused
)

// failures names the remedies for the observer.
var failures = map[remedy]GroupFailure{
	reconnect: GroupReconnects, overtaken: GroupOvertaken, repeatable: GroupRepeated, spoiled: GroupSplit, fencedOff: GroupFencedOff,
	wrongStatement: GroupBroken,
}

// Shielded runs work that many payments depend on: a panic becomes an error and an alarm, and does not end the
// process.
func Shielded(observe Alarmer, log *slog.Logger, what string, do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %w", what, BrokeOff(observe, log, p))
		}
	}()
	return do()
}

// BrokeOff reports a panic to operators.
func BrokeOff(observe Alarmer, log *slog.Logger, cause any) error {
	bug := fault.Panicked(cause)
	log.Error("a bug ended the work on a payment", "error", bug, "stack", bug.Places)
	observe.Alarm(payment.BrokenOff)
	return bug
}
