package payment

import "treasury-switch/internal/fault"

// reversalAsked: the terminal wants its payment undone. The answer 00 means that it will be, or that there is nothing
// to undo.
func reversalAsked(p Payment, e ReversalAsked) Plan {
	if c := p.contradicts(e.Says); c != "" {
		return reply(p, c)
	}
	switch {
	case p.Status == Pending:
		plan := reverse(p, Record{Reason: ByTerminal, Actor: "terminal"}, QueueLater)
		plan.Reply = OK
		return plan
	case p.Status == Approved && e.Settled:
		return reversalAfterSettlement(p, e)
	case p.Status == Approved:
		plan := reverse(p, Record{Reason: ByTerminal, Actor: "terminal", BusinessDay: p.contraDay(e.Today)}, QueueNow)
		plan.Reply, plan.MustBe = OK, p.BusinessDay
		return plan
	}
	return reply(p, OK)
}

// contradicts returns the code for a reversal whose content differs from its original's. A payment that was never to
// be sent, and a tombstone, has no content to compare.
func (p *Payment) contradicts(said Content) Code {
	switch {
	case !p.Sendable():
		return ""
	case said.Amount != p.Amount:
		return InvalidAmount
	case said.Card != nil && *said.Card != p.Token:
		return Duplicate
	}
	return ""
}

// reversalAfterSettlement: the day is paid out, so no card reversal may be sent. A request is refused with 77; an
// advice cannot be refused, so it is accepted and a refund claim opens (F6).
func reversalAfterSettlement(p Payment, e ReversalAsked) Plan {
	if !e.Advice {
		return reply(p, DaySettled)
	}
	if p.Claimed {
		return reply(p, OK)
	}
	plan := evidence(p, Record{Reason: RefundClaimed, Actor: "terminal"})
	plan.Case, plan.Alarm, plan.Reply = RefundClaimed, RefundClaimed, OK
	return plan
}

// perhapsReversed: the terminal was told that its payment is undone, and this may be that payment (A17). A closed
// case was about another reversal.
func perhapsReversed(p Payment, e PerhapsReversed) Plan {
	if p.Status != Approved || p.Meant && e.Open {
		return reply(p, OK)
	}
	plan := evidence(p, Record{Reason: OriginalUnmatched, Actor: "terminal"})
	plan.Case, plan.Alarm, plan.Reply = OriginalUnmatched, OriginalUnmatched, OK
	return plan
}

// reversalAnswered: the network's answer to our reversal, or its silence.
func reversalAnswered(p Payment, e ReversalAnswered) Plan {
	if p.Status != Reversing {
		return reply(p, "")
	}
	r := Record{Actor: "network", Network: e.Code, BusinessDay: p.contraDay(e.Day)}
	switch e.Word {
	case ReversalDone:
		r.Reason = ReversalAccepted
		return done(p, Reversed, r)
	case ReversalNotFound:
		return notFound(p, r)
	case ReversalRefused:
		return rejected(p, e, r)
	}
	return Plan{Payment: p, Task: BackOff, Tries: e.Tries}
}

func done(p Payment, to Status, r Record) Plan {
	plan := become(p, to, r)
	plan.Task = Dequeue
	return plan
}

// notFound: the network knows no original. If we hold its approval that is a contradiction for a person (G7).
// Otherwise the reversal may have overtaken the debit: it is sent once more after the window, then closed (G6).
func notFound(p Payment, r Record) Plan {
	switch {
	case p.Held > 0:
		r.Reason = NotFoundButHeld
		plan := done(p, Case, r)
		plan.Case, plan.Alarm = r.Reason, r.Reason
		return plan
	case p.NotFound == 0:
		r.Reason, r.BusinessDay = NotFoundOnce, 0
		plan := evidence(p, r)
		plan.Task = WaitWindow
		return plan
	}
	r.Reason = NothingToReverse
	return done(p, Reversed, r)
}

// rejected: after so many hard rejects the item goes to a person, and nothing else in the queue has waited for it
// (G9).
func rejected(p Payment, e ReversalAnswered, r Record) Plan {
	if e.Rejects+1 < e.Limit {
		return Plan{Payment: p, Task: BackOffHard, Tries: e.Tries}
	}
	r.Reason = ReversalRejected
	plan := done(p, Case, r)
	plan.Case, plan.Alarm = r.Reason, r.Reason
	return plan
}

// operatorsDecided closes a case as two persons decided.
func operatorsDecided(p Payment, e OperatorsDecided) (Plan, error) {
	switch {
	case p.Status != Case:
		return Plan{}, fault.New(fault.Conflict, "payment is %s, not a case", p.Status)
	case e.Maker == "" || e.Checker == "" || e.Maker == e.Checker:
		return Plan{}, fault.New(fault.Denied, "a case is decided by two persons")
	case e.Outcome != Approved && e.Outcome != Reversed:
		return Plan{}, fault.New(fault.Invalid, "a case ends as %s or %s", Approved, Reversed)
	case e.Outcome == Approved && p.Held != 0 && p.Held != p.Amount:
		return Plan{}, fault.New(fault.Conflict, "the network debited %s, the payment is %s", p.Held, p.Amount)
	}
	r := Record{Reason: ByOperators, Actor: e.Maker + "+" + e.Checker, BusinessDay: p.contraDay(e.Today)}
	return become(p, e.Outcome, r), nil
}
