package payment

import (
	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// Task says what becomes of a payment's reversal in the store-and-forward queue.
type Task uint8

// The tasks of a plan.
const (
	NoTask      Task = iota
	QueueNow         // queue a reversal, to be sent at once
	QueueLater       // queue it, not to be sent before the network's in-flight window is over
	Hurry            // a queued one may go at once: an answer came
	WaitWindow       // send it once more after the window
	BackOff          // send it again after a growing pause
	BackOffHard      // the same, counted as a hard reject
	Dequeue          // it is done
)

// Plan is what follows from one event: what the payment becomes, the transfers
// that say so in money, and the work to queue. The recorder writes all of it in
// one transaction, or none.
type Plan struct {
	Payment Payment         // as it will be
	New     bool            // the intent is to be inserted
	Record  *Record         // nil: nothing is to be recorded
	Journal *ledger.Journal // nil: no money moves
	Task    Task
	Amount  money.Rial    // of the reversal to queue
	Tries   int           // of the queued one, when it was last claimed: what becomes of it is about that try alone
	Case    Reason        // not empty: a person must look, for this reason
	MustBe  calendar.Date // not zero: this business day must not be closed when the plan is written
	Alarm   Reason        // not empty: tell the operators at once
	Reply   Code          // the answer to whoever caused the event, once the plan is durable
}

// check holds a plan against the table of states and the ledger's rules of shape,
// before it can spoil a group. The database's constraints say the same.
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

// once says of a plan without a record that writing it twice changes nothing. With one, a repetition finds its number there; an intent is
// known by its own.
func (p *Plan) once() bool {
	task := p.Task == NoTask || (p.Task == BackOff || p.Task == BackOffHard) && p.Tries > 0 && !p.New
	return task && p.Case == "" && p.Journal == nil
}

// Nothing reports whether the plan leaves everything as it is. The reply holds.
func (p *Plan) Nothing() bool { return !p.New && p.Record == nil && p.Task == NoTask }
