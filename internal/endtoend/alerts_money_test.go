package endtoend

import (
	"testing"
	"time"

	"treasury-switch/internal/node"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/scrape"
	"treasury-switch/iso"
	"treasury-switch/simulator"
	"treasury-switch/switch/payment"
)

// ofTheMoney are situations of payments, reversals and cases.
func ofTheMoney() []provocation {
	return []provocation{
		{"payments that need a person", []string{"AlarmRaised", "OriginalUnmatched"}, everyAlarm},
		{"a queue of reversals that is nearly full", []string{"ReversalQueueNearLimit"}, func(t *testing.T) {
			s := newStage(t, func(c *node.Config) { c.Switch.Limits.Forward = 4 })
			w := s.watch(t, time.Now())
			w.quiet("ReversalQueueNearLimit")
			if err := s.sim.SetFaults(simulator.Faults{ReversalCode: iso.RC96SystemMalfunction}); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				pay(t, s.Node, "6219860000000688")
			}
			w.until("three wait", func() bool { return w.value("treasury_forward_queued") == 3 })
			w.scrape()
			w.pass(time.Minute)
			w.fires("ReversalQueueNearLimit")
		}},
		{"a day whose serial numbers are nearly used up", []string{"SerialsNearLimit"}, serialsNearlyUsedUp},
		{"a case that nobody decides", []string{"CasesOld"}, caseUndecided},
		{"a crash in the middle of payments", []string{"PaymentsWithoutOutcome"}, crashInTheMiddle},
	}
}

func serialsNearlyUsedUp(t *testing.T) {
	s := newStage(t, nil)
	w := s.watch(t, time.Now())
	w.until("they are counted", func() bool { return w.value("treasury_serials_limit") > 0 })
	w.pass(time.Minute)
	w.quiet("SerialsNearLimit")
	s.execute(t, `INSERT INTO number_block (day, first, size, agency, node, taken_at)
		VALUES ((now() AT TIME ZONE 'Asia/Tehran')::date, 85000000, 16384, 101, 'another', now())`)
	s.stop()
	s.start(t) // It counts them at its start, and then every minute.
	w.until("they are counted again", func() bool { return w.value("treasury_serials_taken") > 0 })
	w.scrape()
	w.pass(time.Minute)
	w.fires("SerialsNearLimit")
}

func caseUndecided(t *testing.T) {
	s := newStage(t, nil)
	w := s.watch(t, time.Now())
	w.pass(10 * time.Minute)
	w.quiet("CasesOld")
	if err := s.sim.SetFaults(simulator.Faults{ReversalCode: iso.RC30FormatError}); err != nil {
		t.Fatal(err)
	}
	pay(t, s.Node, "6219860000000688")
	w.until("it is a case", func() bool { return w.value("treasury_payment_records_total", "reversal_rejected") > 0 })
	s.execute(t, "UPDATE payment_case SET opened_at = opened_at - interval '2 days'")
	s.stop()
	s.start(t) // As above.
	w.until("it is counted", func() bool { return w.value("treasury_cases_open") == 1 })
	w.scrape()
	w.pass(10 * time.Minute)
	w.fires("CasesOld")
}

func crashInTheMiddle(t *testing.T) {
	r := newRig(t, hasty, 1)
	r.start()
	ask := func() scrape.Page { return asked(t.Context(), r.admin.Load().(string)) }
	till, line := pos.New("10100001", 101, 0, time.Now), r.line()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = line.Exchange(t.Context(), till.Purchase(pos.Sale{Card: card(t, "6219860000000688"), Amount: passportPrice, Service: "PASSPORT"}))
	}()
	await(t, "the card is debited", func() bool { return r.sim.Totals().Debited == 1 })
	r.node.Kill()
	<-asked
	r.start()
	w := watchPage(t, ask, time.Now())
	w.quiet("PaymentsWithoutOutcome")
	w.until("it is found", func() bool { return w.value("treasury_payment_records_total", "interrupted") > 0 })
	w.scrape()
	w.fires("PaymentsWithoutOutcome")
}

// raisedElsewhere are reasons for alarms that no whole switch can be brought to, with the test that does so on a part of it.
var raisedElsewhere = map[payment.Reason]string{
	payment.BrokenOff:        "switch/told_test.go: TestABugInTheMiddleOfAPayment",
	payment.KeyKept:          "switch/card_key_test.go: TestCardKeysOfBusyDays",
	payment.NotEnded:         "switch/sweep_test.go: TestC12_OnePaymentCannotBeEnded",
	payment.StatementRefused: "switch/connection_test.go: TestB11_AStatementTheDatabaseDoesNotKnow",
	payment.UntrustedAnswer:  "switch/payment/alarms_test.go: TestAlarmsAreThoseThatAreRaised", // The dialect lets no answer without F15 through.
}
