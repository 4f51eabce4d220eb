package shetab

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"treasury-switch/calendar"
	"treasury-switch/internal/defaults"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// Listener handles unsolicited messages of the network; *switching.Switch implements it.
type Listener interface {
	// LateAnswer takes an answer to a debit that nobody waits for. fault.NotFound: there is no such payment;
	// fault.Conflict: the answer does not match the payment that it names, by differs.
	LateAnswer(ctx context.Context, agency int32, rrn payment.RRN, said payment.Answered, differs switching.Differs) error
	// LateReversalAnswer takes an answer to a reversal that nobody waits for, with the same errors.
	LateReversalAnswer(ctx context.Context, agency int32, rrn payment.RRN, differs func(i *payment.Intent, stan int, sent time.Time) string) error
	// Contradicted takes the news of an answer that has the key of a request of the payment and differs from it in
	// other fields, with the same errors.
	Contradicted(ctx context.Context, agency int32, rrn payment.RRN, differs string) error
	// NetworkReversal takes a reversal by the network of a payment of ours, and ForeignReversal one that names none;
	// both return the answer to it.
	NetworkReversal(ctx context.Context, agency int32, rrn payment.RRN, advice bool, differs switching.Differs) switching.Answer
	ForeignReversal() switching.Answer
	// OpenDay opens a business day.
	OpenDay(ctx context.Context, day calendar.Date) error
}

// InboxConfig bounds an Inbox. Zero values take the defaults below.
type InboxConfig struct {
	// Dialect classifies the codes of late answers.
	Dialect *iso.Dialect
	// Institution is our code, F33 of answers to the network; "" omits it.
	Institution string
	// AgencyOf returns the agency of a terminal of ours, for messages without F42; nil knows none.
	AgencyOf func(terminal string) (agency int32, known bool)
	// Queue bounds the queued late answers and reversals by the network (4096), Workers those in progress (4).
	Queue, Workers int
	// Tries bounds the attempts to record one answer (5), Pause is the wait after the first failure; it doubles (1
	// s).
	Tries int
	Pause time.Duration
	// Drain bounds the work on what is still queued when the inbox ends (5 s).
	Drain time.Duration
	// Alarm, if set, is called for every event whose handling panicked: a bug.
	Alarm func()
	// Observe, if set, receives the outcome of every event. It must not block.
	Observe func(Outcome)
	// Now is the wall clock, for dates without a year; time.Now if nil.
	Now func() time.Time
	// Logger, if set, receives what is lost or not understood.
	Logger *slog.Logger
}

// Outcome is what became of an event.
type Outcome string

// The outcomes. A lost answer can only be found by reconciliation.
const (
	Recorded   Outcome = "late answer recorded"
	Foreign    Outcome = "answer to no payment"           // D8
	Misnaming  Outcome = "answer of another payment"      // does not match the payment that it names: evidence (D16 to D18)
	Unreadable Outcome = "late answer unreadable"         // it names no payment, or cannot be trusted
	Dropped    Outcome = "late answer dropped"            // lost: the queue was full, or the inbox had ended
	Failed     Outcome = "late answer not recorded"       // lost: every try failed
	DayOpened  Outcome = "business day opened"            // after a cut-over
	DayFailed  Outcome = "business day not opened"        // the next answer's F15 will open it
	Distrusted Outcome = "untrusted message"              // its request, if one waits, goes on waiting
	Unserved   Outcome = "request of the network refused" // 0500 and 0520 among them
	Ignored    Outcome = "answer to another request"      // a reversal is sent again, a 0800 too
	Undone     Outcome = "reversal by the network"        // of a payment of ours: a case (D19)
	NotOurs    Outcome = "reversal by the network of no payment"
)

// Inbox takes the events of the links. Receive never blocks and does no work: a slow database must not hold back the
// answers that others wait for.
type Inbox struct {
	config InboxConfig
	reader reader
	work   chan errand
	days   chan calendar.Date
	limit  *rate.Limiter

	mu     sync.Mutex
	ended  bool
	counts map[Outcome]uint64
}

// errand is a message to be handled for the payment that it names.
type errand struct {
	agency int32
	rrn    payment.RRN
	code   string // F39, for the log
	kind   network.EventKind
	// carry handles it and returns the outcome. Its errors are those of Listener.
	carry func(ctx context.Context, to Listener) (done Outcome, err error)
	// lost, if set, is called if it is not handled.
	lost func()
}

// daysQueue bounds the queued cut-overs. There is one a day.
const daysQueue = 16

// logLinesPerSecond bounds the lines about unreadable messages.
const logLinesPerSecond = 20

// NewInbox checks the configuration (fault.Invalid) and makes an inbox that queues events until Run handles them.
func NewInbox(config InboxConfig) (*Inbox, error) {
	if config.Dialect == nil {
		return nil, fault.New(fault.Invalid, "inbox of the card network: a dialect is needed")
	}
	config.complete()
	return &Inbox{
		config: config, reader: reader{dialect: config.Dialect, now: config.Now},
		work: make(chan errand, config.Queue), days: make(chan calendar.Date, daysQueue),
		limit: rate.NewLimiter(logLinesPerSecond, 5*logLinesPerSecond), counts: make(map[Outcome]uint64),
	}, nil
}

// complete fills in the defaults.
func (c *InboxConfig) complete() {
	if c.AgencyOf == nil {
		c.AgencyOf = func(string) (int32, bool) { return 0, false }
	}
	defaults.Positive(&c.Queue, 4096)
	defaults.Positive(&c.Workers, 4)
	defaults.Positive(&c.Tries, 5)
	defaults.Positive(&c.Pause, time.Second)
	defaults.Positive(&c.Drain, 5*time.Second)
	if c.Alarm == nil {
		c.Alarm = func() {}
	}
	if c.Observe == nil {
		c.Observe = func(Outcome) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// Counts returns the outcomes so far.
func (b *Inbox) Counts() map[Outcome]uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.counts)
}

// count counts an outcome and reports it to the observer.
func (b *Inbox) count(o Outcome) {
	b.mu.Lock()
	b.counts[o]++
	b.mu.Unlock()
	b.config.Observe(o)
}

// warn logs at a bounded rate.
func (b *Inbox) warn(text string, args ...any) {
	if b.limit.Allow() {
		b.config.Logger.Warn(text, args...)
	}
}
