// Package server is the framed TCP server for ISO 8583: the side to which terminals connect, and, in the network's
// simulator, the side to which switches connect.
//
// A connection carries many messages at once. Each is handled in a goroutine of its own and answered when its answer
// is ready, so answers may leave in another order than their requests came; the sender matches them by their keys.
// Writes are serialised through a queue as long as the number of messages in flight.
//
// Everything is bounded: connections in total and per address, the size of a frame, the time to send one after its
// first byte, the messages in flight per connection (at the limit reading pauses, which slows the sender down), the
// time of a write, idle time, and the time a connection stays open for answers after its peer has stopped sending.
//
// Untrustworthy input closes the connection: a frame length of zero (unless agreed on as a keep-alive) or over the
// limit, a message whose type or bitmaps cannot be read, half a frame. A message that can be read but breaks the
// dialect's rules is answered 30; one whose handler panics is answered by Config.Broken; in both cases the connection
// stays open.
//
// The end of a connection does not cancel its messages: a payment is finished whether or not its terminal is still
// connected.
package server
