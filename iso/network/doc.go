// Package network keeps the switch's connections to the card network: persistent links that sign on, echo, reconnect
// and drain by themselves, and a pool that sends each request over one of them.
//
// Callers must be able to tell two failures apart. ErrNotSent means that write was never called for the request, so
// nothing can have been debited. ErrNoAnswer and ErrUntrusted mean that bytes may have left and the outcome is
// unknown, so the request must be reversed. This package never sends anything twice: not after an error, not on
// another link, not after a reconnect.
//
// An answer is matched on MTI class, STAN (F11), terminal (F41) and transmission time (F7), over all links of the
// pool, and must agree with its request in the fields that both have, see Differences. A second request with the key
// of one in flight is refused. An answer that nobody waits for becomes an Event: late, duplicate or unmatched; so
// does one that cannot be trusted or contradicts the request with its key. The receiver of the events finds the
// payment in the database, which outlives this process.
//
// Sign-on, echo and answers to the network's own messages have a queue with priority over financial messages, so load
// cannot make a link look dead.
package network
