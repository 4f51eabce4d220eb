package payment

import (
	"treasury-switch/calendar"
	"treasury-switch/ledger"
)

// journal returns the transfers of a change of status: none, or one set dated by the record's business day.
//
//	to APPROVED               clearing  -> shares     (from suspense, if the money waits there)
//	APPROVED to REVERSING     shares    -> suspense
//	to REVERSED               suspense  -> clearing   (if the money waits there)
//	to CASE                   clearing  -> suspense   (if the network debited and nothing was posted)
func journal(before, after Payment, r Record) *ledger.Journal {
	switch {
	case before.Status == after.Status:
		return nil
	case after.Status == Approved && before.Suspended != 0:
		return after.journal(r, before.Suspended, after.shares(suspense(after), fromHouse))
	case after.Status == Approved:
		return after.journal(r, 0, after.shares(clearing(after), fromHouse))
	case before.Status == Approved:
		return after.journal(r, before.Posted, after.shares(suspense(after), toHouse))
	case after.Status == Reversed && before.Suspended != 0:
		return after.journal(r, before.Suspended, after.whole(suspense(after), clearing(after)))
	case after.Status == Case && before.Suspended == 0 && after.Held > 0:
		return after.journal(r, 0, after.whole(clearing(after), suspense(after)))
	}
	return nil
}

func (p *Payment) journal(r Record, reverses int16, t []ledger.Transfer) *ledger.Journal {
	return &ledger.Journal{
		Agency: p.Agency, Book: p.Book, ID: p.ID, Version: r.Version,
		Reverses: reverses, BusinessDay: r.BusinessDay, Transfers: t,
	}
}

type direction bool

const (
	fromHouse direction = true
	toHouse   direction = false
)

// shares moves each share between a house account and its beneficiary.
func (p *Payment) shares(house ledger.AccountID, d direction) []ledger.Transfer {
	t := make([]ledger.Transfer, len(p.Price.Shares))
	for i, s := range p.Price.Shares {
		t[i] = ledger.Transfer{Debit: house, Credit: s.Account, Amount: s.Amount}
		if d == toHouse {
			t[i].Debit, t[i].Credit = s.Account, house
		}
	}
	return t
}

// whole moves the whole amount between two house accounts: what the network debited if that is known to differ,
// otherwise the payment's amount.
func (p *Payment) whole(debit, credit ledger.AccountID) []ledger.Transfer {
	amount := p.Amount
	if p.Held > 0 {
		amount = p.Held
	}
	return []ledger.Transfer{{Debit: debit, Credit: credit, Amount: amount}}
}

func clearing(p Payment) ledger.AccountID {
	return ledger.House(p.Agency, p.Book, ledger.Clearing)
}

func suspense(p Payment) ledger.AccountID {
	return ledger.House(p.Agency, p.Book, ledger.Suspense)
}

// contraDay dates what undoes a payment: by the current business day, which is never before the day of the payment
// itself.
func (p *Payment) contraDay(today calendar.Date) calendar.Date { return max(today, p.BusinessDay) }
