// Package threeway holds three independent records of the same payments against each other: what the terminals were told,
// what the switch has recorded, and what the card network has debited.
//
// It is the last judge of demonstrations, crash tests and load tests. It reads the switch's tables with statements of its
// own and shares no code with the switch, so that a fault of the switch's reading cannot hide a fault of its writing.
package threeway
