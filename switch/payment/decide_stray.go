package payment

// misaddressed records an answer that belongs to another payment as evidence, once. A payment without an outcome has
// no record yet to put it beside, and a debit that was never sent has no answers.
func misaddressed(p Payment) Plan {
	if p.Status == Pending || p.Misnamed || !p.Sendable() {
		return reply(p, p.Answer())
	}
	return evidence(p, Record{Reason: AnswerMismatch, Actor: "network"})
}

// networkReversed: we did not ask for it, so a person finds out what the network did with the money. A payment
// without an outcome can no longer be approved.
func networkReversed(p Payment, e NetworkReversed) Plan {
	if p.Undone {
		return reply(p, OK)
	}
	r := Record{Reason: NetworkReversal, Actor: "network"}
	var plan Plan
	if p.Status == Pending {
		r.Told, r.BusinessDay = OutcomeUnknown, e.Today
		plan = reverse(p, r, QueueLater)
	} else {
		plan = evidence(p, r)
	}
	plan.Case, plan.Alarm, plan.Reply = NetworkReversal, NetworkReversal, OK
	return plan
}
