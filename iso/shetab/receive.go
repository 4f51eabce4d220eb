package shetab

import (
	"context"
	"strconv"
	"strings"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/switch/payment"
)

// Receive takes one event of the links: it is network.PoolConfig.Events. A panic ends neither the process nor the
// handling of later events.
func (b *Inbox) Receive(e network.Event) {
	defer func() {
		if p := recover(); p != nil {
			b.count(Failed)
			_ = b.brokeOff(p, "link", e.Link, "event", e.Kind.String()) // the panic is logged
		}
	}()
	b.receive(e)
}

func (b *Inbox) receive(e network.Event) {
	switch e.Kind {
	case network.Late, network.Duplicate, network.Unmatched:
		b.receiveAnswer(e)
	case network.Contradicts:
		b.receiveContradiction(e)
	case network.CutOver:
		b.receiveCutOver(e)
	case network.Untrusted:
		b.count(Distrusted)
		b.warn("message of the network cannot be trusted", "link", e.Link, "error", e.Err)
	case network.Unserved:
		b.refuse(e)
	case network.SignedOn, network.SignedOff, network.LinkDown, network.CutOverEnd:
		// The links log these events, and their state is read when it matters.
	}
}

// receiveAnswer queues an answer for the payment that it names. A reversal is sent again until it is answered in
// time, and so is a 0800, so nothing follows from their late answers; but one that no request had asked for may be a
// misdirected answer.
func (b *Inbox) receiveAnswer(e network.Event) {
	asked := e.Kind == network.Late || e.Kind == network.Duplicate
	var one errand
	var err error
	switch {
	case e.Message.MTI == iso.MTIPurchaseAnswer:
		one, err = b.aboutDebit(e)
	case e.Message.MTI.Class() == iso.MTIReversal.Class() && !asked:
		one, err = b.aboutReversal(e)
	default:
		b.count(Ignored)
		return
	}
	if err != nil {
		b.count(Unreadable)
		b.warn("answer to no payment that can be named", "link", e.Link, "event", e.Kind.String(), "error", err)
		return
	}
	b.enter(one)
}

// aboutDebit reads which payment an answer to a debit names, and the answer.
func (b *Inbox) aboutDebit(e network.Event) (one errand, err error) {
	if one, err = b.named(e.Message, e.Kind); err != nil {
		return one, err
	}
	said, err := b.reader.answered(e.Message)
	one.carry = func(ctx context.Context, to Listener) (Outcome, error) {
		return Recorded, to.LateAnswer(ctx, one.agency, one.rrn, said, func(i *payment.Intent) string {
			return network.Differences(debitOf(i), e.Message)
		})
	}
	return one, err
}

// aboutReversal reads which payment an answer to a reversal names.
func (b *Inbox) aboutReversal(e network.Event) (one errand, err error) {
	one, err = b.named(e.Message, e.Kind)
	one.carry = func(ctx context.Context, to Listener) (Outcome, error) {
		return Ignored, to.LateReversalAnswer(ctx, one.agency, one.rrn, func(i *payment.Intent, stan int, sent time.Time) string {
			return network.Differences(reversalOf(i, stan, sent), e.Message)
		})
	}
	return one, err
}

// receiveContradiction queues the news of an answer that has the key of one of our requests but is not its answer.
// The payment is that of the request.
func (b *Inbox) receiveContradiction(e network.Event) {
	one, err := b.named(e.Request, e.Kind)
	if err != nil {
		b.count(Misnaming) // of a 0800 of ours, which has no payment
		b.warn("answer contradicts its request", "link", e.Link, "mti", e.Message.MTI, "differs", e.Differs)
		return
	}
	one.code = e.Message.Get(iso.FieldCode)
	one.carry = func(ctx context.Context, to Listener) (Outcome, error) {
		return Misnaming, to.Contradicted(ctx, one.agency, one.rrn, e.Differs)
	}
	b.enter(one)
}

// named reads which payment a message names: the agency by F42, or by the terminal if F42 is absent, as it may be in
// an answer; the payment by F37.
func (b *Inbox) named(m *iso.Message, kind network.EventKind) (one errand, err error) {
	one = errand{kind: kind, code: m.Get(iso.FieldCode)}
	if one.agency, err = b.agencyOf(m); err != nil {
		return one, err
	}
	one.rrn, err = payment.ParseRRN(m.Get(iso.FieldRRN))
	return one, err
}

// enter queues an errand, unless the queue is full or the inbox has ended.
func (b *Inbox) enter(one errand) {
	b.mu.Lock()
	entered := !b.ended
	if entered {
		select {
		case b.work <- one:
		default:
			entered = false
		}
	}
	b.mu.Unlock()
	if !entered {
		b.drop(one, "the queue is full or the program is ending")
	}
}

// drop counts and logs an errand that is not handled. A request of the network is answered so that it comes again; an
// answer does not come again.
func (b *Inbox) drop(one errand, why string) {
	if one.lost != nil {
		b.count(Unserved)
		b.warn("request of the network is not taken, it comes again", one.args("why", why)...)
		one.lost()
		return
	}
	b.count(Dropped)
	b.config.Logger.Error("late answer of the network dropped: reconcile the payment", one.args("why", why)...)
}

// agencyOf reads the agency's code from F42, where it is zero-padded. If F42 is absent it is the agency of the
// terminal.
func (b *Inbox) agencyOf(m *iso.Message) (int32, error) {
	text := strings.TrimSpace(m.Get(iso.FieldAcceptor))
	if text == "" {
		if agency, known := b.config.AgencyOf(m.Get(iso.FieldTerminal)); known {
			return agency, nil
		}
		return 0, fault.New(fault.Invalid, "F42 is absent, and F41 is no terminal of ours")
	}
	code, err := strconv.ParseInt(text, 10, 32)
	if err != nil || code <= 0 || strings.Trim(text, "0123456789") != "" {
		return 0, fault.New(fault.Invalid, "F42 names no agency")
	}
	return int32(code), nil
}

// receiveCutOver queues the new business day.
func (b *Inbox) receiveCutOver(e network.Event) {
	day, err := calendar.Nearest(e.Day, calendar.DateOf(b.config.Now()))
	if err == nil {
		select {
		case b.days <- day:
			return
		default:
			err = fault.New(fault.Unavailable, "%d cut-overs wait already", daysQueue)
		}
	}
	b.count(DayFailed)
	b.config.Logger.Error("business day not opened at cut-over", "link", e.Link, "f15", e.Day, "error", err)
}

// refuse answers 12 to a request of the network that is not served, so that the network does not wait for it. A
// reversal concerns somebody's money and is looked into.
func (b *Inbox) refuse(e network.Event) {
	if isReversal(e.Message.MTI) {
		b.receiveReversal(e)
		return
	}
	b.count(Unserved)
	answer := &iso.Message{MTI: e.Message.MTI.Answer()}
	for _, f := range []int{7, 11, 12, 13, 32, 99} {
		b.config.Dialect.Echo(answer, e.Message, f)
	}
	answer.Set(iso.FieldCode, string(iso.RC12InvalidTransaction))
	b.warn("request of the network is not served", "link", e.Link, "mti", e.Message.MTI, "error", reply(e, answer))
}

// reply sends an answer to a request of the network.
func reply(e network.Event, answer *iso.Message) error {
	if e.Reply == nil {
		return nil
	}
	return e.Reply(answer)
}
