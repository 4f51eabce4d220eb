// Package pos is the terminal's side of the wire: it connects to a switch, makes the messages of a point of sale, and
// carries a purchase through as a real terminal does, with repeats and, where no answer comes, a reversal. It also
// completes and sends the message that a person drafted (Draft, Client), a wrong one as well.
//
// Operators, demonstrations, tests of the whole program and load tests drive the switch with it. It knows nothing of the
// switch but its address and its dialect.
package pos
