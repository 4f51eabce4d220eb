package switching

import (
	"time"

	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// Observer is told what happens, for metrics and alarms. Its methods must not
// block; card data never reaches it.
type Observer interface {
	recorder.Observer
	PaymentObserver
	TrafficObserver
	CaseObserver
}

// PaymentObserver is told what becomes of payments and their reversals.
type PaymentObserver interface {
	recorder.Alarmer
	// Changed: a payment got a new record.
	Changed(from, to payment.Status, reason payment.Reason)
	// Forward: the state of the store-and-forward queue.
	Forward(queued int, oldest time.Duration)
	// Swept: a sweep has ended at that time of the database, and found so many payments without an outcome after their deadline.
	Swept(found int, at time.Time)
	// Serials: so many of the day's serial numbers are taken, of so many that there are.
	Serials(taken, limit int)
}

// TrafficObserver is told of requests and of what the network says.
type TrafficObserver interface {
	// Answered: a request got its answer.
	Answered(channel payment.Channel, kind string, code payment.Code, took time.Duration)
	// Spent: a purchase spent that long in a part of its way.
	Spent(part Part, took time.Duration)
	// Shed: a purchase was answered 91 before anything was recorded or sent.
	Shed(why ShedReason)
	// Network: the network was asked; outcome is its code, or "not sent", "no answer", "untrusted".
	Network(outcome string, took time.Duration)
}

// CaseObserver is told of cases.
type CaseObserver interface {
	// Cases: so many cases wait for persons, the oldest for that long.
	Cases(open int, oldest time.Duration)
}

// Part is a stretch of a purchase's way from its request to its answer.
type Part string

// The parts in their order. What the sum lacks of the whole is the answer's own making.
const (
	PartPrepare Part = "prepare" // rules, price, number, sealing of the card number
	PartIntent  Part = "intent"  // until the group with the intent is durable
	PartNetwork Part = "network" // until the card network has answered, or is not waited for any more
	PartOutcome Part = "outcome" // until the group with the outcome is durable
)

// ShedReason says why a purchase was turned away without being tried.
type ShedReason string

// Why purchases are turned away.
const (
	ShedInFlight  ShedReason = "in_flight" // as many are in flight as the limit allows
	ShedLate      ShedReason = "late"      // those before it wait too long for the recorder already
	ShedReversals ShedReason = "reversals" // the queue of reversals is near its limit
	ShedDatabase  ShedReason = "database"  // the intent could not be recorded in time
	ShedSerials   ShedReason = "serials"   // the day's serial numbers are used up
)

// Silent is an Observer that observes nothing.
type Silent struct{}

// Group does nothing.
func (Silent) Group(recorder.GroupWritten) {}

// GroupFailed does nothing.
func (Silent) GroupFailed(recorder.GroupFailure) {}

// Answered does nothing.
func (Silent) Answered(payment.Channel, string, payment.Code, time.Duration) {}

// Spent does nothing.
func (Silent) Spent(Part, time.Duration) {}

// Shed does nothing.
func (Silent) Shed(ShedReason) {}

// Network does nothing.
func (Silent) Network(string, time.Duration) {}

// Changed does nothing.
func (Silent) Changed(payment.Status, payment.Status, payment.Reason) {}

// Alarm does nothing.
func (Silent) Alarm(payment.Reason) {}

// Forward does nothing.
func (Silent) Forward(int, time.Duration) {}

// Swept does nothing.
func (Silent) Swept(int, time.Time) {}

// Cases does nothing.
func (Silent) Cases(int, time.Duration) {}

// Serials does nothing.
func (Silent) Serials(int, int) {}
