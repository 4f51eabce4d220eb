// Package server is the framed TCP server for ISO 8583: the side on which terminals
// connect, and, in the network's simulator, the side on which switches do.
//
// A connection carries many messages at once. Each is handled in a goroutine of its
// own and answered when its answer is ready, so answers may leave in another order
// than their requests came; whoever asks matches them by their keys. Writes are
// serialised through a queue that is as long as the number of messages in flight.
//
// Everything has a bound: connections in total and per address, the size of a frame,
// the time to send one once its first byte has arrived, the messages in flight per
// connection (reading pauses at the bound, which pushes back on the sender), the
// time of a write, idle time, and the time a connection is kept open for answers
// after its peer has stopped sending.
//
// What cannot be trusted closes the connection: a frame length of zero (unless it is
// agreed on as a keep-alive) or over the limit, a message whose type or bitmaps cannot be read, half a frame. A message
// that can be read but breaks the dialect's rules is answered 30; one whose handler
// panics is answered by Config.Broken; in both cases the connection lives on.
//
// The end of a connection does not cancel the messages it brought: a payment is
// finished whether or not its terminal is still there to hear of it.
package server
