package terminal

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"treasury-switch/calendar"
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/server"
	switching "treasury-switch/switch"
)

// logLinesPerSecond bounds the lines about refused messages, so that a misbehaving terminal cannot fill a disk. The
// counts stay exact.
const logLinesPerSecond = 20

// longestAnswer exceeds the length in bytes of any answer to a terminal: a full F48 of 999 bytes, and some 300 of all
// other fields.
const longestAnswer = 1536

// Switch is the part of package switching that the channel uses.
type Switch interface {
	// Purchase processes a purchase or its repeat, and answers in time.
	Purchase(ctx context.Context, r *switching.Purchase) switching.Answer
	// Reverse takes a reversal.
	Reverse(ctx context.Context, r *switching.ReversalRequest) switching.Answer
	// Inquire prices a service and stores nothing.
	Inquire(ctx context.Context, r *switching.Inquiry) switching.Answer
	// Status returns the outcome of a payment.
	Status(ctx context.Context, r *switching.StatusInquiry) switching.Answer
}

// Config configures a Channel.
type Config struct {
	// Dialect is the agreement with the terminals.
	Dialect *iso.Dialect
	// Switch answers the well-formed messages.
	Switch Switch
	// Acquirer is the listener's institution code, 1 to 11 digits: it replaces an absent F32 in the identity of a
	// request. Acquirers are further codes that F32 may have; a terminal that names any other is refused (58).
	Acquirer  string
	Acquirers []string
	// Known reports whether a terminal (F41) is registered, open or not: a closed one still gets answers to repeats
	// of its earlier requests. It is checked before the MAC and spares the switch the work; nil leaves the check to
	// the switch.
	Known func(terminal string) bool
	// Today is the current business day of a terminal's book, for refusals that the switch has not dated. Nil, or
	// zero if the network has named no day yet: Tehran's date of receipt.
	Today func(terminal string) calendar.Date
	// Alarm, if set, is called for every message whose handling panicked: a bug.
	Alarm func()
	// Observe, if set, receives every refusal. It must not block.
	Observe func(Refusal)
	// Now is the clock, time.Now if nil.
	Now func() time.Time
	// Logger, if set, receives refused messages, at a bounded rate.
	Logger *slog.Logger
}

// Channel answers the messages of terminals. It is safe for concurrent use.
type Channel struct {
	config Config
	served []string // acquirers, the listener's first
	limit  *rate.Limiter
	counts refusals
}

// New checks the configuration (fault.Invalid) and makes a channel.
func New(config Config) (*Channel, error) {
	if config.Dialect == nil || config.Switch == nil {
		return nil, fault.New(fault.Invalid, "terminal channel: a dialect and a switch are needed")
	}
	if longest := config.Dialect.Framing().Max; longest != 0 && longest < longestAnswer {
		return nil, fault.New(fault.Invalid, "terminal channel: frames of %d bytes do not hold every answer: let the dialect's framing have %d",
			longest, longestAnswer)
	}
	served, err := acquirers(append([]string{config.Acquirer}, config.Acquirers...))
	if err != nil {
		return nil, err
	}
	if config.Today == nil {
		config.Today = func(string) calendar.Date { return 0 }
	}
	if config.Alarm == nil {
		config.Alarm = func() {}
	}
	if config.Observe == nil {
		config.Observe = func(Refusal) {}
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Channel{config: config, served: served, limit: rate.NewLimiter(logLinesPerSecond, 5*logLinesPerSecond)}, nil
}

// acquirers checks institution codes, and returns them in the form in which they are compared.
func acquirers(codes []string) ([]string, error) {
	served := make([]string, len(codes))
	for i, code := range codes {
		if !digits.Only(code) || len(code) > 11 {
			return nil, fault.New(fault.Invalid, "terminal channel: the acquirer %q is not 1 to 11 digits", code)
		}
		served[i] = digits.Canonical(code)
	}
	return served, nil
}

// Install configures a listener for this channel: its dialect, its direction and its handlers.
func (c *Channel) Install(listener *server.Config) {
	listener.Dialect, listener.Direction = c.config.Dialect, iso.ToSwitch
	listener.Handler, listener.Malformed, listener.Untrusted, listener.Broken = c.Handle, c.Malformed, c.Untrusted, c.Broken
}

// Broken is the code for a message whose handling panicked; it raises an alarm. Something may have been done for the
// message, or been told by another answer: a message about a payment gets 09, which promises nothing.
func (c *Channel) Broken(m *iso.Message) iso.Code {
	c.config.Alarm()
	if m.MTI == iso.MTIPurchase || followsUp(m) {
		return iso.RC09InProgress
	}
	return iso.RC96SystemMalfunction
}

// Handle answers a well-formed message. It is a server.Handler.
func (c *Channel) Handle(ctx context.Context, s *server.Session, m *iso.Message) *iso.Message {
	return c.serve(ctx, c.received(s, m, nil), false)
}

// Malformed answers a message with faults: 30 if any of them is one of form, otherwise like any message. It is a
// server.MalformedHandler.
func (c *Channel) Malformed(ctx context.Context, s *server.Session, m *iso.Message, faults iso.Faults) *iso.Message {
	return c.serve(ctx, c.received(s, m, faults), false)
}

// Untrusted answers a message whose MAC is wrong or missing on a listener that requires one: 63, unless an earlier
// check fails. It is a server.Handler.
func (c *Channel) Untrusted(ctx context.Context, s *server.Session, m *iso.Message) *iso.Message {
	// The server does not pass on the faults that it found.
	return c.serve(ctx, c.received(s, m, c.config.Dialect.Check(m, iso.ToSwitch)), true)
}

// received starts the work on a message.
func (c *Channel) received(s *server.Session, m *iso.Message, faults iso.Faults) *request {
	r := &request{m: m, faults: slices.Clone(faults), at: c.config.Now()}
	if s != nil {
		r.remote = s.Remote()
	}
	return r
}

// serve runs one message through the checks, in the dialect's order. The failed check of a message about an earlier
// payment is reported to operators; the terminal is told 09 (leavesOpen).
func (c *Channel) serve(ctx context.Context, r *request, untrusted bool) *iso.Message {
	if r.m.MTI.IsAnswer() {
		return nil // an answer is never answered
	}
	todo := c.read(r)
	code := r.faults.Code()
	switch {
	case code == iso.RC30FormatError:
		return c.refuse(r, todo, AtForm, code)
	case todo.ask == nil && !isServed(r.m.MTI):
		return c.refuse(r, todo, AtForm, iso.RC12InvalidTransaction)
	case c.foreign(r):
		return c.refuse(r, todo, AtAcquirer, iso.RC58NotPermittedTerminal)
	case c.stranger(r):
		return c.refuse(r, todo, AtTerminal, iso.RC58NotPermittedTerminal)
	case untrusted:
		return c.refuse(r, todo, AtMAC, iso.RC63SecurityViolation)
	case todo.ask == nil:
		return c.refuse(r, todo, AtForm, iso.RC12InvalidTransaction)
	case code != "" && !todo.keeps:
		return c.refuse(r, todo, AtForm, code)
	}
	return c.tell(r, todo, todo.ask(ctx))
}

// foreign reports whether the message names an acquirer that this listener does not serve: its terminal belongs to
// another institution, and its request would be recorded as ours.
func (c *Channel) foreign(r *request) bool {
	named := r.m.Get(iso.FieldAcquirer)
	return named != "" && !slices.Contains(c.served, digits.Canonical(named))
}

// stranger reports whether the message comes from a terminal that is not registered. A 0800 may name none.
func (c *Channel) stranger(r *request) bool {
	return c.config.Known != nil && r.m.Has(iso.FieldTerminal) && !c.config.Known(r.m.Get(iso.FieldTerminal))
}

// isServed reports whether the channel serves messages of a type at all.
func isServed(t iso.MTI) bool {
	switch t.Original() {
	case iso.MTIPurchase, iso.MTIReversal, iso.MTIReversalAdvice:
		return true
	}
	return t == iso.MTIInquiry || t == iso.MTINetwork
}
