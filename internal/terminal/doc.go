// Package terminal is the terminal's side of the wire: it connects to a switch, makes the messages of a point of sale, and
// carries a purchase through as a real terminal does, with repeats and, where no answer comes, a reversal.
//
// Demonstrations, tests of the whole program and load tests drive the switch with it. It knows nothing of the switch but
// its address and its dialect.
package terminal
