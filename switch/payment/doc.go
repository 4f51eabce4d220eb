// Package payment defines a payment and the consequences of its events.
//
// Everything that happens to a payment is an [Event]: a request from a terminal, an answer of the network, a silence,
// a reversal, an operator's act. One pure and total function, [Decide], returns the consequences as a [Plan]: the
// next status with its reason, the transfers for the ledger, the reversal to queue, the case to open. Recording a
// plan is the only way to change a payment.
//
// The package also reads the tables payment and event ([Load], and the look-ups by number), and [CheckPayments]
// checks their invariants. It writes nothing.
package payment
