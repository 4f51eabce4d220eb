package switching

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/switch/payment"
)

// What tests have the network say.
var (
	testDay    = calendar.On(2026, time.November, 21)
	anApproval = payment.Answered{Word: payment.SaidApproved, Code: payment.OK, Approval: "123456", Amount: 1_000_000, Currency: true, Day: testDay}
	noAnswer   = payment.Silence{Reason: payment.NoAnswer}
)
