// Package threeway compares three independent records of the same payments: what the terminals were told,
// what the switch has recorded, and what the card network has debited.
//
// It is the final check of demonstrations, crash tests and load tests. It reads the switch's tables with statements of its
// own and shares no code with the switch, so that a fault of the switch's reading cannot hide a fault of its writing.
package threeway
