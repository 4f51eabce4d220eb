package switching

import (
	"time"

	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// Observer receives events for metrics and alarms. Its methods must not block; card data never reaches it.
type Observer interface {
	recorder.Observer
	PaymentObserver
	TrafficObserver
	CaseObserver
}

// PaymentObserver receives the changes of payments and their reversals.
type PaymentObserver interface {
	recorder.Alarmer
	// Changed: a payment got a new record.
	Changed(from, to payment.Status, reason payment.Reason)
	// Forward: the state of the store-and-forward queue.
	Forward(queued int, oldest time.Duration)
	// Swept: a sweep ended at this database time, and found so many payments without an outcome after their deadline.
	Swept(found int, at time.Time)
	// Serials: how many of the day's serial numbers are taken, and how many there are.
	Serials(taken, limit int)
}

// TrafficObserver receives requests and the network's answers.
type TrafficObserver interface {
	// Answered: a request got its answer.
	Answered(channel payment.Channel, kind string, code payment.Code, took time.Duration)
	// Spent: the time that a purchase spent in one part.
	Spent(part Part, took time.Duration)
	// Shed: a purchase was answered 91 before anything was recorded or sent.
	Shed(why ShedReason)
	// Network: the network was asked; outcome is its code, or "not sent", "no answer", "untrusted".
	Network(outcome string, took time.Duration)
}

// CaseObserver receives the number of cases.
type CaseObserver interface {
	// Cases: how many cases wait for a person, and the age of the oldest.
	Cases(open int, oldest time.Duration)
}

// Part is a stage of a purchase between its request and its answer.
type Part string

// The parts in their order. The rest of the whole time is spent on the answer itself.
const (
	PartPrepare Part = "prepare" // rules, price, number, sealing of the card number
	PartIntent  Part = "intent"  // until the group with the intent is durable
	PartNetwork Part = "network" // until the card network has answered or its timer has run out
	PartOutcome Part = "outcome" // until the group with the outcome is durable
)

// ShedReason tells why a purchase was turned away untried.
type ShedReason string

// The reasons for turning purchases away.
const (
	ShedInFlight  ShedReason = "in_flight" // the limit of purchases in flight is reached
	ShedLate      ShedReason = "late"      // the wait for the recorder is too long
	ShedReversals ShedReason = "reversals" // the queue of reversals is near its limit
	ShedDatabase  ShedReason = "database"  // the intent could not be recorded in time
	ShedSerials   ShedReason = "serials"   // the day's serial numbers are used up
)

// Silent is an Observer that does nothing.
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
