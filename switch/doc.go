// Package switching decides what happens to a payment and records it.
//
// Everything that happens to a payment is an [Event]: a request from a
// terminal, an answer of the network, a silence, a reversal, an operator's
// act. One pure and total function, [Decide], says what follows as a [Plan]:
// the next status with its reason, the transfers for the ledger, the reversal
// to queue, the case to open. A [Recorder] writes plans in groups, one
// transaction and one fsync for many payments. Nothing else in the program
// changes a payment.
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
