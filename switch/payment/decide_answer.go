package payment

// answered handles the network's answer to the debit. In time it decides; late it is evidence, and a late approval
// makes the reversal urgent. The payment's deadline decides whether it is in time, not whether anyone still waits.
func answered(p Payment, e Answered) Plan {
	switch p.Status {
	case Pending:
		return firstWord(p, e)
	case Approved:
		return wordAfterApproval(p, e)
	case Declined:
		return wordAfterDecline(p, e)
	case Reversing:
		return wordWhileReversing(p, e)
	case Reversed:
		return wordAfterReversal(p, e)
	}
	return wordInCase(p, e)
}

func firstWord(p Payment, e Answered) Plan {
	r := heard(e)
	switch {
	case e.Word == SaidDeclined:
		r.Told = e.Code
		return become(p, Declined, r)
	case e.Debits() && !e.At.Before(p.Deadline):
		r.Reason, r.Told = LateApproval, OutcomeUnknown
		plan := alarmed(reverse(p, r, QueueNow))
		if e.Word == SaidPartial {
			plan.Amount = e.Amount
		}
		return plan
	case e.Word == SaidPartial:
		r.Reason, r.Told = PartialApproval, DoNotHonour
		plan := alarmed(reverse(p, r, QueueNow))
		plan.Amount = e.Amount
		return plan
	case e.Word != SaidApproved:
		r.Reason, r.Told = UnknownCode, OutcomeUnknown
		return reverse(p, r, QueueNow)
	case e.Amount != p.Amount || !e.Currency:
		r.Reason, r.Told = AmountDiffers, OutcomeUnknown
		return alarmed(reverse(p, r, QueueNow))
	case e.Day.IsZero():
		r.Reason, r.Told = UntrustedAnswer, OutcomeUnknown
		return alarmed(reverse(p, r, QueueNow))
	case e.Strange:
		r.Reason, r.Told, r.BusinessDay = DayNotBelieved, OutcomeUnknown, e.Day
		plan := alarmed(reverse(p, r, QueueNow))
		plan.Case = DayNotBelieved
		return plan
	}
	r.Told = OK
	return become(p, Approved, r)
}

// heard starts the record of an answer: the code, and the debit that it reports. A day that is not believed dates
// nothing.
func heard(e Answered) Record {
	r := Record{Reason: ByNetwork, Actor: "network", Network: e.Code}
	if !e.Strange {
		r.BusinessDay = e.Day
	}
	if e.Word == SaidApproved || e.Word == SaidPartial {
		r.Approval, r.Held = e.Approval, e.Amount
	}
	return r
}

func alarmed(plan Plan) Plan {
	plan.Alarm = plan.Record.Reason
	return plan
}

// wordAfterApproval: a second approval is ignored (D6); anything else contradicts the first answer, which has won
// (D7).
func wordAfterApproval(p Payment, e Answered) Plan {
	if e.Word == SaidApproved || p.Reason == ConflictingWord {
		return reply(p, p.Answer())
	}
	r := heard(e)
	r.Reason, r.Held = ConflictingWord, 0
	return alarmed(evidence(p, r))
}

// wordAfterDecline: the first answer has won, but an approval says that the card was debited for a payment that we
// told declined. Only a person can put it right.
func wordAfterDecline(p Payment, e Answered) Plan {
	if !e.Debits() || p.Held > 0 {
		return reply(p, p.Answer())
	}
	r := heard(e)
	r.Reason = ConflictingWord
	plan := alarmed(evidence(p, r))
	plan.Case = ConflictingWord
	return plan
}

// wordWhileReversing: an approval is evidence and makes the reversal urgent (D3); a decline changes nothing, since a
// queued reversal is never taken back (D5).
func wordWhileReversing(p Payment, e Answered) Plan {
	r := heard(e)
	switch {
	case e.Debits() && p.Held == 0:
		r.Reason = LateApproval
		plan := alarmed(evidence(p, r))
		plan.Task = Hurry
		return plan
	case e.Word == SaidDeclined && p.Reason != LateDecline && p.Held == 0:
		r.Reason = LateDecline
		plan := evidence(p, r)
		plan.Task = Hurry
		return plan
	}
	return reply(p, p.Answer())
}

// wordAfterReversal: if the network had nothing to reverse when it was asked, the debit came after, and must be
// reversed now. If it accepted the reversal, the two must net to zero: evidence for reconciliation (D4).
func wordAfterReversal(p Payment, e Answered) Plan {
	if !e.Debits() || p.Held > 0 {
		return reply(p, p.Answer())
	}
	r := heard(e)
	r.Reason = LateApproval
	if p.Empty {
		plan := alarmed(reverse(p, r, QueueNow))
		if e.Word == SaidPartial {
			plan.Amount = e.Amount
		}
		return plan
	}
	return alarmed(evidence(p, r))
}

func wordInCase(p Payment, e Answered) Plan {
	if p.Held > 0 || !e.Debits() {
		return reply(p, p.Answer())
	}
	r := heard(e)
	r.Reason = LateApproval
	return alarmed(evidence(p, r))
}

// Debits reports whether the answer says that the card was debited.
func (e Answered) Debits() bool { return e.Word == SaidApproved || e.Word == SaidPartial }
