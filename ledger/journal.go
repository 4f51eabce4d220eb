package ledger

import (
	"encoding/hex"
	"fmt"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

// maxTransfers bounds a journal. Splits seen in the field go to about ten accounts.
const maxTransfers = 64

// Transfer moves an amount: a debit to Debit and a credit to Credit.
type Transfer struct {
	Debit  AccountID  `json:"debit"`
	Credit AccountID  `json:"credit"`
	Amount money.Rial `json:"amount"` // positive, in rial
}

// Journal is the set of transfers that one decision books. Its identity is (Agency, ID, Version).
type Journal struct {
	Agency      int32         `json:"agency"` // the payment's agency, whoever owns the accounts
	Book        Book          `json:"book"`
	ID          [16]byte      `json:"id"`       // the payment's id
	Version     int16         `json:"version"`  // the version of the event that caused it, from 1
	Reverses    int16         `json:"reverses"` // the version it undoes, 0 = none
	BusinessDay calendar.Date `json:"business_day"`
	Transfers   []Transfer    `json:"transfers"`
}

// name identifies the journal in errors and reports.
func (j Journal) name() string { return journalName(j.Agency, j.ID, j.Version) }

// journalName writes a journal's identity as agency/payment/version.
func journalName(agency int32, id [16]byte, version int16) string {
	return fmt.Sprintf("%d/%s/%d", agency, hex.EncodeToString(id[:]), version)
}

// Check checks a journal against the rules of shape, without the database: identity, business day, one book, positive
// amounts between two different accounts. The errors are fault.Invalid. Accounts may belong to other agencies.
func Check(j Journal) error {
	switch {
	case j.Agency < 1 || j.Agency > MaxAgency:
		return invalid("journal %s: agency %d is out of range", j.name(), j.Agency)
	case !j.Book.Valid():
		return invalid("journal %s: %s does not exist", j.name(), j.Book)
	case j.ID == [16]byte{}:
		return invalid("journal %s has no id", j.name())
	case j.Version < 1:
		return invalid("journal %s: versions begin at 1", j.name())
	case j.Reverses < 0 || j.Reverses >= j.Version:
		return invalid("journal %s cannot reverse version %d", j.name(), j.Reverses)
	case j.BusinessDay.IsZero():
		return invalid("journal %s has no business day", j.name())
	case len(j.Transfers) == 0 || len(j.Transfers) > maxTransfers:
		return invalid("journal %s has %d transfers, 1 to %d are possible", j.name(), len(j.Transfers), maxTransfers)
	}
	for i, t := range j.Transfers {
		if err := checkTransfer(j.Book, t); err != nil {
			return fmt.Errorf("journal %s line %d: %w", j.name(), i+1, err)
		}
	}
	return nil
}

func checkTransfer(book Book, t Transfer) error {
	switch {
	case t.Amount <= 0:
		return invalid("amount %d is not positive", t.Amount)
	case t.Amount > money.MaxPayment:
		return invalid("amount %d is above %d", t.Amount, money.MaxPayment)
	case !t.Debit.Valid() || !t.Credit.Valid():
		return invalid("%d or %d is no account id", t.Debit, t.Credit)
	case t.Debit == t.Credit:
		return invalid("account %d is on both sides", t.Debit)
	case t.Debit.Book() != book || t.Credit.Book() != book:
		return invalid("accounts %d and %d are not both in the %s book", t.Debit, t.Credit, book)
	}
	return nil
}
