package shetab

import (
	"strconv"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/network"
	switching "treasury-switch/switch"
)

// Receive takes one event of the links: it is network.PoolConfig.Events.
func (b *Inbox) Receive(e network.Event) {
	switch e.Kind {
	case network.Late, network.Duplicate, network.Unmatched:
		b.receiveAnswer(e)
	case network.CutOver:
		b.receiveCutOver(e)
	case network.Untrusted:
		b.count(Distrusted)
		b.warn("message of the network cannot be trusted", "link", e.Link, "error", e.Err)
	case network.Unserved:
		b.refuse(e)
	case network.SignedOn, network.SignedOff, network.LinkDown, network.CutOverEnd:
		// The links log these, and their state is asked for when it matters.
	}
}

// receiveAnswer queues an answer to a debit. Answers to reversals are not waited for
// either, but the reversal is sent again until it is answered in time.
func (b *Inbox) receiveAnswer(e network.Event) {
	if e.Message.MTI != iso.MTIPurchaseAnswer {
		b.count(Ignored)
		return
	}
	late, err := b.read(e)
	if err != nil {
		b.count(Unreadable)
		b.warn("answer to no payment that can be named", "link", e.Link, "event", e.Kind.String(), "error", err)
		return
	}
	if !b.queue(late) {
		b.drop(late, "the queue is full or the program is ending")
	}
}

// queue enters an answer, unless there is no room or nobody works any more.
func (b *Inbox) queue(late lateAnswer) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return false
	}
	select {
	case b.late <- late:
		return true
	default:
		return false
	}
}

// drop counts and logs an answer that is lost.
func (b *Inbox) drop(late lateAnswer, why string) {
	b.count(Dropped)
	b.config.Logger.Error("late answer of the network dropped: reconcile the payment",
		"rrn", late.rrn.String(), "agency", late.agency, "code", string(late.said.Code), "why", why)
}

// read finds out which payment an answer is about, and what it says.
func (b *Inbox) read(e network.Event) (lateAnswer, error) {
	late := lateAnswer{kind: e.Kind}
	var err error
	if late.agency, err = agencyOf(e.Message.Get(fieldAcceptor)); err != nil {
		return late, err
	}
	if late.rrn, err = switching.ParseRRN(e.Message.Get(fieldRRN)); err != nil {
		return late, err
	}
	late.said, err = b.reader.answered(e.Message)
	return late, err
}

// agencyOf reads the agency's code out of F42: the code, padded with zeros.
func agencyOf(acceptor string) (int32, error) {
	text := strings.TrimSpace(acceptor)
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

// refuse answers a request of the network that is not served with 12, so that the
// network does not wait for it.
func (b *Inbox) refuse(e network.Event) {
	b.count(Unserved)
	answer := &iso.Message{MTI: e.Message.MTI.Answer()}
	for _, f := range []int{7, 11, 12, 13, 32, 99} {
		b.config.Dialect.Echo(answer, e.Message, f)
	}
	answer.Set(fieldCode, string(iso.RC12InvalidTransaction))
	var err error
	if e.Reply != nil {
		err = e.Reply(answer)
	}
	b.warn("request of the network is not served", "link", e.Link, "mti", e.Message.MTI, "error", err)
}
