package ledger

import (
	"strconv"
	"time"

	"treasury-switch/calendar"
)

// Kind is an account's place in the chart of accounts.
type Kind string

// The chart of accounts. All but the last two are house accounts: every agency has its own sub-account of each, in each
// book, and the house's total is their sum.
const (
	Clearing               Kind = "clearing"                // what the card network owes us, per business day
	Suspense               Kind = "suspense-reversal"       // amounts whose reversal is on its way or in doubt
	SuspenseReconciliation Kind = "suspense-reconciliation" // amounts on which we and the network differ
	RefundsPayable         Kind = "refunds-payable"         // refunds the Treasury has approved and not yet paid
	BankSettlement         Kind = "bank-settlement"         // the settlement account at the bank
	FeeIncome              Kind = "fee-income"              // what the switch earns
	FeeExpense             Kind = "fee-expense"             // what the network charges
	Revenue                Kind = "revenue"                 // an agency's revenue account
	Partner                Kind = "partner"                 // a partner's share
)

// Side is one side of the books.
type Side string

// The two sides.
const (
	Debit  Side = "debit"
	Credit Side = "credit"
)

// Normal is the side on which an account of the kind usually has its balance: what others owe us and what we spend are
// debits; what we owe, what agencies earn and what awaits a decision are credits.
func (k Kind) Normal() Side {
	switch k {
	case Clearing, BankSettlement, FeeExpense:
		return Debit
	}
	return Credit
}

// IsHouse reports whether accounts of the kind are made with the agency.
func (k Kind) IsHouse() bool { return House(1, Live, k) != 0 }

// houseKinds numbers the house accounts: the kind at index i has serial i+1. New ones are added at the end; a serial once
// given keeps its meaning.
var houseKinds = [...]Kind{
	Clearing, Suspense, SuspenseReconciliation, RefundsPayable, BankSettlement, FeeIncome, FeeExpense,
}

// House is the id of an agency's house account of a kind: a calculation, no look-up. It is zero for Revenue and Partner,
// which are not house accounts.
func House(agency int32, book Book, kind Kind) AccountID {
	for i, k := range houseKinds {
		if k == kind {
			return NewAccountID(agency, book, int32(i+1))
		}
	}
	return 0
}

// houseSince is the first day of validity of house accounts: before any payment, since they take postings from the first.
var houseSince = calendar.On(2000, time.January, 1)

// houseAccounts lists the accounts that an agency has in a book from its first day.
func houseAccounts(agency int32, book Book) []Account {
	accounts := make([]Account, len(houseKinds))
	for i, kind := range houseKinds {
		accounts[i] = Account{
			ID: NewAccountID(agency, book, int32(i+1)), Code: houseCode(kind, agency), Agency: agency, Book: book,
			Kind: kind, State: Open, Name: string(kind), DepositMode: DepositNone, ValidFrom: houseSince,
		}
	}
	return accounts
}

// houseCode is the code of an agency's house account, as "clearing@101".
func houseCode(kind Kind, agency int32) string {
	return string(kind) + "@" + strconv.Itoa(int(agency))
}
