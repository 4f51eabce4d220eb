// Package switching carries a payment from its request to its answer.
//
// Package payment decides what follows from an event, as a plan. A [recorder.Recorder] writes plans in groups, one
// transaction and one fsync for many payments. Nothing else in the program changes a payment. People's decisions
// about payments are in package cases.
//
// One purchase goes like this: price it, record the intent (durable before the first byte goes to the network), ask
// the network, decide, record the outcome (status, transfers and queued work in one transaction), and only then
// answer the terminal. Whatever breaks in between is repaired by a reversal, which is queued in the same transaction
// that records the need for it.
//
// The folder is called switch; the package cannot be, because switch is a Go keyword.
package switching
