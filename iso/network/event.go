package network

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/iso"
)

// EventKind is the kind of an Event.
type EventKind uint8

const (
	// Late: an answer to a request that was given up before; the payment is being
	// reversed and the answer is evidence.
	Late EventKind = iota + 1
	// Duplicate: an answer to a request that had been answered already.
	Duplicate
	// Unmatched: an answer to no request that this process knows. It may belong to one of another node or from before
	// a restart.
	Unmatched
	// Untrusted: a message that is malformed or has a wrong MAC. Its request, if one is waiting, goes on waiting for
	// a good answer until its time is over.
	Untrusted
	// CutOver: the network has begun a new business day (0800/201), Day.
	CutOver
	// CutOverEnd: the network has finished its cut-over (0800/202).
	CutOverEnd
	// Unserved: a request of the network that a link does not answer by itself, such
	// as 0500 and 0520. Reply sends the answer.
	Unserved
	// SignedOn: a link is ready for requests.
	SignedOn
	// SignedOff: the network has signed the link off (0800/002); it drains.
	SignedOff
	// LinkDown: a connection has ended, because of Err.
	LinkDown
	// Contradicts: an answer has the key of a request in flight and names another card, payment or acceptor. Request
	// and Differs have the details. The request goes on waiting for its own answer until its time is over.
	Contradicts
)

// lastKind is the last of them.
const lastKind = Contradicts

var eventNames = [...]string{"", "late answer", "duplicate answer", "unmatched answer", "untrusted message",
	"cut-over", "end of cut-over", "unserved request", "signed on", "signed off", "link down", "contradicting answer"}

// String names the kind for logs and metrics.
func (k EventKind) String() string {
	if int(k) < len(eventNames) {
		return eventNames[k]
	}
	return "unknown"
}

// Event is something that happened on a link and that no caller of Exchange waits for. The receiver owns its Message.
type Event struct {
	Kind EventKind
	Link string
	// At is the wall clock's time of receipt.
	At time.Time
	// Message is the received message; nil for events about the link itself. If it was unreadable it holds what could
	// be read.
	Message *iso.Message
	// Request is, for Contradicts, the request in flight with the same key, which must not be changed, and Differs
	// the fields in which they differ, see Differences.
	Request *iso.Message
	Differs string
	// Day is the F15 (MMDD) of a CutOver.
	Day string
	// Err is what was wrong with an Untrusted message, or why a link went down.
	Err error
	// Reply sends an answer to an Unserved request on the connection it came from. After an error (fault.Unavailable,
	// fault.Invalid) it was not queued.
	Reply func(answer *iso.Message) error
}

// handover is the bounded queue between the links and the receiver of their events. A full queue blocks the readers,
// which slows the network down; an event is lost only when the pool is closed by force, and then it is counted and
// logged.
type handover struct {
	queue   chan Event
	abandon chan struct{} // closed when the pool no longer waits for the receiver
	once    sync.Once
	receive func(Event)
	logger  *slog.Logger
	lost    atomic.Uint64
	counts  [lastKind + 1]atomic.Uint64
}

// put queues an event; it waits while the queue is full.
func (h *handover) put(e Event) {
	h.counts[e.Kind].Add(1)
	select {
	case h.queue <- e:
		return
	default:
	}
	select {
	case h.queue <- e:
	case <-h.abandon:
		h.lose(e)
	}
}

// run calls the receiver with each event, in order, until the queue is closed.
func (h *handover) run() {
	for e := range h.queue {
		h.receive(e)
	}
}

// giveUp ends all waiting calls of put.
func (h *handover) giveUp() { h.once.Do(func() { close(h.abandon) }) }

// lose counts and logs an event that nobody received.
func (h *handover) lose(e Event) {
	h.lost.Add(1)
	args := []any{"link", e.Link, "event", e.Kind.String()}
	if e.Message != nil {
		key, _ := KeyOf(e.Message)
		args = append(args, "mti", e.Message.MTI, "key", key)
	}
	h.logger.Error("an event of the network was not received", args...)
}
