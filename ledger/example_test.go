package ledger_test

import (
	"fmt"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
)

// The network owes a payment of two shares, which two agencies receive.
func ExampleCheck() {
	clearing := ledger.House(101, ledger.Live, ledger.Clearing)
	j := ledger.Journal{
		Agency: 101, Book: ledger.Live, ID: [16]byte{1}, Version: 1, BusinessDay: calendar.On(2026, time.November, 28),
		Transfers: []ledger.Transfer{
			{Debit: clearing, Credit: ledger.NewAccountID(101, ledger.Live, 100), Amount: 700_000},
			{Debit: clearing, Credit: ledger.NewAccountID(106, ledger.Live, 100), Amount: 300_000},
		},
	}
	fmt.Println(ledger.Check(j))
	j.Transfers[1].Amount = 0
	fmt.Println(ledger.Check(j))
	// Output:
	// <nil>
	// journal 101/01000000000000000000000000000000/1 line 2: amount 0 is not positive
}
