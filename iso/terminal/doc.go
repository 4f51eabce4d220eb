// Package terminal is the channel between terminals and the switch: it turns messages of the terminal dialect into
// calls of package switching, and the switch's answers into messages. Its methods are the handlers of an iso/server
// listener.
//
// A message goes through checks in the dialect's order, and the first that fails determines the answer: form (30,
// with all faults of the message together; 12 for a message type that is not served), terminal (58), MAC (63), and
// then the switch's answer. A well-formed purchase with a value that must be refused, such as a card number with a
// wrong check digit, still reaches the switch: it takes its identity, so that a repeat of it gets the same answer.
//
// Nothing here decides about money, and the end of a connection changes nothing: the switch finishes the request, and
// the terminal asks again.
package terminal
