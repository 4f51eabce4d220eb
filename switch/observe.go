package switching

import "time"

// Observer is told what happens, for metrics and alarms. Its methods must not
// block; card data never reaches it.
type Observer interface {
	// Group: a group of n plans became durable in that time.
	Group(n int, took time.Duration)
	// Answered: a request got its answer.
	Answered(channel Channel, kind string, code Code, took time.Duration)
	// Network: the network was asked; outcome is its code, or "not sent", "no answer", "untrusted".
	Network(outcome string, took time.Duration)
	// Changed: a payment got a new record.
	Changed(from, to Status, reason Reason)
	// Alarm: operators should look now.
	Alarm(reason Reason)
	// Forward: the state of the store-and-forward queue.
	Forward(queued int, oldest time.Duration)
}

// Silent is an Observer that observes nothing.
type Silent struct{}

// Group does nothing.
func (Silent) Group(int, time.Duration) {}

// Answered does nothing.
func (Silent) Answered(Channel, string, Code, time.Duration) {}

// Network does nothing.
func (Silent) Network(string, time.Duration) {}

// Changed does nothing.
func (Silent) Changed(Status, Status, Reason) {}

// Alarm does nothing.
func (Silent) Alarm(Reason) {}

// Forward does nothing.
func (Silent) Forward(int, time.Duration) {}
