package payment

import (
	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// Task is what becomes of a payment's reversal in the store-and-forward queue.
type Task uint8

// The tasks of a plan.
const (
	NoTask      Task = iota
	QueueNow         // queue a reversal, to be sent at once
	QueueLater       // queue it, not to be sent before the network's in-flight window is over
	Hurry            // a queued one may be sent at once: an answer came
	WaitWindow       // send it once more after the window
	BackOff          // send it again after a growing pause
	BackOffHard      // the same, counted as a hard reject
	Dequeue          // it is done
)

// Plan is the result of one event: the payment after it, the transfers, and the work to queue. The recorder writes
// all of it in one transaction, or none.
type Plan struct {
	Payment Payment         // after the plan
	New     bool            // the intent is to be inserted
	Record  *Record         // nil: nothing is to be recorded
	Journal *ledger.Journal // nil: no money moves
	Task    Task
	Amount  money.Rial    // of the reversal to queue
	Tries   int           // of the queued one when it was last claimed: the plan concerns that try alone
	Case    Reason        // not empty: a case opens for this reason
	MustBe  calendar.Date // not zero: this business day must not be closed when the plan is written
	Alarm   Reason        // not empty: alert operators
	Reply   Code          // the answer to whoever caused the event, once the plan is durable
}

// Check validates a plan against the table of states and the ledger's rules of form before it can spoil a group. The
// database's constraints say the same.
func (p *Plan) Check() error {
	if r := p.Record; r != nil && !Allowed(r.Was, r.Status) {
		return fault.New(fault.Bug, "a payment does not go from %q to %q", r.Was, r.Status)
	}
	if p.Record == nil && !p.once() {
		return fault.New(fault.Bug, "a plan without a record would be written twice by a group that is repeated: task %d, case %q", p.Task, p.Case)
	}
	if p.Journal != nil {
		return ledger.Check(*p.Journal)
	}
	return nil
}

// once reports whether a plan without a record may be written twice. With a record, a repetition of the group finds
// its number in the table; an intent is known by its own number.
func (p *Plan) once() bool {
	task := p.Task == NoTask || (p.Task == BackOff || p.Task == BackOffHard) && p.Tries > 0 && !p.New
	return task && p.Case == "" && p.Journal == nil
}

// Nothing reports whether the plan changes nothing. The reply is valid all the same.
func (p *Plan) Nothing() bool { return !p.New && p.Record == nil && p.Task == NoTask }
