// Package traffic is an open-loop load of many terminals: a schedule settles when each message is sent, whatever becomes of
// the messages before it.
//
// Many terminals share each connection, as they do behind a concentrator, and a connection carries many messages at once. One
// goroutine keeps the schedule, writes and watches over timers; each connection has one that reads. Nothing is started or
// allocated for a message.
//
// A terminal whose purchase gets no answer does what real ones do: it sends the repeat 0201, and at last the reversal 0420 until
// that is accepted. What every terminal was told is kept, for the comparison with the records of the switch and of the network.
package traffic
