// Package payment says what a payment is and what follows from whatever happens to it.
//
// Everything that happens to a payment is an [Event]: a request from a terminal, an
// answer of the network, a silence, a reversal, an operator's act. One pure and total
// function, [Decide], says what follows as a [Plan]: the next status with its reason,
// the transfers for the ledger, the reversal to queue, the case to open. Whoever
// records a plan changes a payment; nothing else does.
//
// The package reads the tables payment and event as well ([Load], and the look-ups by
// number), and [CheckPayments] holds their invariants. It writes nothing.
package payment
