// Package switching takes a payment along its way and records it.
//
// What follows from an event is decided in package payment, as a plan. A [recorder.Recorder]
// writes plans in groups, one transaction and one fsync for many payments. Nothing else in
// the program changes a payment. What people decide about payments is in package cases.
//
// The way of one purchase: price it, record the intent (durable before the
// first byte goes to the network), ask the network, decide, record the outcome
// (status, transfers and queued work in one transaction), and only then answer
// the terminal. Whatever breaks in between is repaired by a reversal, which is
// queued in the same transaction that says so.
//
// The folder is called switch; the package cannot be, because switch is a Go
// keyword.
package switching
