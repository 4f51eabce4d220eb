package payment

import "treasury-switch/internal/fault"

// Decide returns the plan that follows from an event in the state of a payment. It is pure and total: every pair of
// status and event has a rule here, and the only errors are a pair that a correct program cannot produce (fault.Bug)
// and a decision of operators about a payment that is not a case (fault.Conflict).
//
// The rules keep the promise that money is never lost and never doubled: an unknown outcome is reversed, an approval
// after we gave up is evidence and never told, one winner decides. When something becomes durable does not change
// what is durable already.
func Decide(p Payment, e Event) (Plan, error) {
	if p.Status == None {
		return begin(p, e)
	}
	switch e := e.(type) {
	case Requested:
		return reply(p, p.Answer()), nil
	case Answered:
		return answered(p, e), nil
	case Silence:
		return silence(p, e), nil
	case Misaddressed:
		return misaddressed(p), nil
	case NetworkReversed:
		return networkReversed(p, e), nil
	case Undelivered:
		return undelivered(p, e), nil
	case LedgerRefused:
		return ledgerRefused(p, e), nil
	case StatusAsked:
		return reply(p, p.StatusAnswer()), nil
	case ReversalAsked:
		return reversalAsked(p, e), nil
	case PerhapsReversed:
		return perhapsReversed(p, e), nil
	case ReversalAnswered:
		return reversalAnswered(p, e), nil
	case OperatorsDecided:
		return operatorsDecided(p, e)
	}
	return Plan{}, fault.New(fault.Bug, "no rule for event %T in status %s", e, p.Status)
}

// begin handles the first event of a payment: a request; or a reversal or a status inquiry that came before its
// original and leaves a tombstone (A9, A12): 25 promises that the original will never be done.
func begin(p Payment, e Event) (Plan, error) {
	switch e := e.(type) {
	case Requested:
		p.Intent, p.Status = e.Intent, Pending
		if e.Refusal == "" {
			return Plan{Payment: p, New: true}, nil
		}
		return born(p, Record{Reason: Refused, Actor: "switch", Told: e.Refusal, BusinessDay: e.Today}, e.Refusal), nil
	case ReversalAsked:
		p.Intent = e.Tombstone
		return born(p, Record{Reason: ReversedFirst, Actor: "terminal", Told: InvalidRequest, BusinessDay: e.Today}, OK), nil
	case StatusAsked:
		p.Intent = e.Tombstone
		return born(p, Record{Reason: AskedFirst, Actor: "terminal", Told: InvalidRequest, BusinessDay: e.Today}, NoOriginal), nil
	}
	return Plan{}, fault.New(fault.Bug, "event %T for a payment that does not exist", e)
}

// born declines a payment with its first record.
func born(p Payment, r Record, answer Code) Plan {
	r.Version, r.Was, r.Status = 1, None, Declined
	return Plan{Payment: p.After(r), New: true, Record: &r, Reply: answer}
}

// reply answers and changes nothing.
func reply(p Payment, c Code) Plan { return Plan{Payment: p, Reply: c} }

// become records the next status. The caller adds the rest of the plan.
func become(p Payment, to Status, r Record) Plan {
	r.Version, r.Was, r.Status = p.Version+1, p.Status, to
	after := p.After(r)
	plan := Plan{Payment: after, Record: &r, Reply: after.Answer()}
	plan.Journal = journal(p, after, r)
	return plan
}

// evidence records something without changing the status or any money.
func evidence(p Payment, r Record) Plan { return become(p, p.Status, r) }

// reverse queues a reversal of the payment's amount. An answer that names another amount gives no reason to believe
// that one; only a partial approval says what was debited, and its rule reverses that.
func reverse(p Payment, r Record, t Task) Plan {
	plan := become(p, Reversing, r)
	plan.Task, plan.Amount = t, p.Amount
	return plan
}

// silence: the debit may have been done. The reversal waits for the network's in-flight window, since it must not
// overtake its original (rule 10).
func silence(p Payment, e Silence) Plan {
	if p.Status != Pending {
		return reply(p, p.Answer())
	}
	return reverse(p, Record{Reason: e.Reason, Actor: "switch", Told: OutcomeUnknown, BusinessDay: e.Today}, QueueLater)
}

// undelivered: certainly not done, no reversal (C5).
func undelivered(p Payment, e Undelivered) Plan {
	if p.Status != Pending {
		return reply(p, p.Answer())
	}
	return become(p, Declined, Record{Reason: NotSent, Actor: "switch", Told: Inoperative, BusinessDay: e.Today})
}

// ledgerRefused: the network debited the card and the ledger cannot post it. The payment is never approved: it is
// reversed, and a person looks at it (E3).
func ledgerRefused(p Payment, e LedgerRefused) Plan {
	if p.Status != Pending {
		return reply(p, p.Answer())
	}
	r := heard(e.Approval)
	r.Reason, r.Actor, r.Told = e.Reason, "ledger", OutcomeUnknown
	plan := reverse(p, r, QueueNow)
	if e.Approval.Word == SaidPartial {
		plan.Amount = e.Approval.Amount
	}
	plan.Case, plan.Alarm = e.Reason, e.Reason
	return plan
}
