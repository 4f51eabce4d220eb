package payment_test

import (
	"fmt"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// A purchase is approved by the network and then reversed by its terminal.
func ExampleDecide() {
	day := calendar.On(2026, time.November, 28)
	at := time.Date(2026, time.November, 28, 9, 0, 0, 0, time.UTC)
	intent := &payment.Intent{
		Key: payment.Key{Agency: 101, OpenedOn: day, ID: [16]byte{1}}, Book: ledger.Live, RRN: payment.NewRRN(day, 7),
		Amount: 1_000_000, OpenedAt: at, SendBefore: at.Add(3 * time.Second), Deadline: at.Add(30 * time.Second),
		Price: payment.Price{Service: "PASSPORT", Shares: []payment.Share{{Account: ledger.NewAccountID(101, ledger.Live, 100), Amount: 1_000_000}}},
	}
	var p payment.Payment
	for _, e := range []payment.Event{
		payment.Requested{Intent: intent},
		payment.Answered{Word: payment.SaidApproved, Code: payment.OK, Amount: 1_000_000, Currency: true, Day: day},
		payment.ReversalAsked{Says: payment.Content{Amount: 1_000_000}, Today: day},
	} {
		plan, err := payment.Decide(p, e)
		if err != nil {
			fmt.Println(err)
			return
		}
		p = plan.Payment
		fmt.Printf("%-9s money moves: %-5t a reversal is queued: %t\n", p.Status, plan.Journal != nil, plan.Task == payment.QueueNow)
	}
	// Output:
	// PENDING   money moves: false a reversal is queued: false
	// APPROVED  money moves: true  a reversal is queued: false
	// REVERSING money moves: true  a reversal is queued: true
}
