package endtoend

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/node"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/scrape"
	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/access"
	"treasury-switch/switch/payment"
)

// alarmist brings a switch to raise alarms, through the bytes of terminals and of the network.
type alarmist struct {
	t    *testing.T
	h    *host
	n    *node.Node
	till *pos.Terminal
	w    *tower

	debit   atomic.Pointer[iso.Message] // the last one
	through atomic.Pointer[link]        // where it came
}

// everyAlarm raises each alarm once and sees its alert fire.
func everyAlarm(t *testing.T) {
	h := newHost(t)
	n := startOn(t, h, func(c *node.Config) { c.Switch.Limits.Rejects = 1 })
	a := &alarmist{t: t, h: h, n: n, till: pos.New("10100003", 101, int(time.Now().UnixNano()%900_000), time.Now)}
	a.w = watch(t, n, time.Now())
	a.w.quiet("AlarmRaised", "OriginalUnmatched")
	for _, one := range alarmings() {
		reason := one.reason
		if before := a.count(reason); before != 0 {
			t.Errorf("%s was told %g times before it came about", reason, before)
		}
		if !a.shown(reason) {
			t.Errorf("%s is not there as zero, so its first time would not be told", reason)
		}
		a.h.reverses(nil)
		one.raise(a)
		a.w.until("an alarm for "+string(reason)+" is raised", func() bool { return a.count(reason) > 0 })
		a.w.scrape()
		alert := "AlarmRaised"
		if reason == payment.OriginalUnmatched {
			alert = "OriginalUnmatched"
		}
		told := false
		for _, e := range a.w.firing(alert) {
			told = told || alert != "AlarmRaised" || e.Labels["reason"] == string(reason)
		}
		if !told {
			t.Errorf("%s does not fire for %s: %v", alert, reason, a.w.firing(alert))
		}
	}
}

func (a *alarmist) count(reason payment.Reason) float64 {
	return a.w.value("treasury_alarms_total", string(reason))
}

// shown reports whether the counter of a reason is served at all.
func (a *alarmist) shown(reason payment.Reason) bool {
	return slices.ContainsFunc(a.w.last["treasury_alarms_total"], func(s scrape.Series) bool { return s.Labels["reason"] == string(reason) })
}

// pay sends a purchase that the network answers as it is told.
func (a *alarmist) pay(answers ...map[int]string) (*iso.Message, iso.Code) {
	a.t.Helper()
	a.h.debits(func(l *link, m *iso.Message) {
		a.debit.Store(m)
		a.through.Store(l)
		for _, fields := range answers {
			l.send(answerTo(m, fields))
		}
	})
	m := a.till.Purchase(pos.Sale{Card: card(a.t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"})
	return m, a.tell(m)
}

// tell sends a message of the terminal.
func (a *alarmist) tell(m *iso.Message) iso.Code {
	a.t.Helper()
	line := pos.NewLine(a.n.Terminals(), askLimit)
	defer line.Close()
	answer, err := line.Exchange(a.t.Context(), m)
	if err != nil {
		a.t.Fatal(err)
	}
	return pos.Code(answer)
}

// late answers the last debit now.
func (a *alarmist) late(fields map[int]string) {
	a.through.Load().send(answerTo(a.debit.Load(), fields))
}

// recorded waits until so many payments more have a record with a reason.
func (a *alarmist) recorded(reason payment.Reason, do func()) {
	a.t.Helper()
	a.w.last = a.w.ask()
	before := a.w.value("treasury_payment_records_total", string(reason))
	do()
	a.w.until("it is recorded: "+string(reason), func() bool { return a.w.value("treasury_payment_records_total", string(reason)) > before })
}

// reversal asks to take back the last debit, as the network does by itself.
func (a *alarmist) reversal(rrn string) {
	of := a.debit.Load()
	m := &iso.Message{MTI: iso.MTIReversalAdvice}
	iso.ShetabDialect().Echo(m, of, 2, 3, 4, 12, 13, 32, 41, 42, 49)
	m.Set(7, iso.TransmissionTime(time.Now()))
	m.Set(11, "555001")
	m.Set(37, rrn)
	m.Set(90, iso.OriginalData{MTI: iso.MTIPurchase, STAN: of.Get(11), Stamp: of.Get(7), Acquirer: "581672000"}.Format())
	a.h.first().send(m)
	<-a.h.answers
}

// alarming brings an alarm about.
type alarming struct {
	reason payment.Reason
	raise  func(*alarmist)
}

// alarmings are all of them, those that change the business day at the end.
func alarmings() []alarming {
	code := func(c iso.Code) map[int]string { return map[int]string{39: string(c)} }
	return []alarming{
		{payment.ContentDiffers, func(a *alarmist) {
			m, _ := a.pay(nil)
			other := a.till.Repeat(m)
			other.Set(4, "000000000001")
			a.tell(other)
		}},
		{payment.AmountDiffers, func(a *alarmist) { a.pay(map[int]string{4: "000000000001"}) }},
		{payment.PartialApproval, func(a *alarmist) { a.pay(map[int]string{39: "10", 4: "000000100000"}) }},
		{payment.AnswerMismatch, func(a *alarmist) { a.pay(map[int]string{39: "51", 41: "10200099", 11: "000777"}, nil) }},
		{payment.DayNotBelieved, func(a *alarmist) {
			a.pay(map[int]string{15: calendar.DateOf(time.Now()).Add(170).Time().Format("0102")})
		}},
		{payment.ConflictingWord, func(a *alarmist) { a.pay(code(iso.RC51InsufficientFunds)); a.late(nil) }},
		{payment.LateApproval, func(a *alarmist) {
			a.recorded(payment.ReversalAccepted, func() { a.pay() })
			a.late(nil)
		}},
		{payment.NotFoundButHeld, func(a *alarmist) {
			m, _ := a.pay(nil)
			a.h.reverses(func(l *link, r *iso.Message) { l.send(answerTo(r, code(iso.RC25OriginalNotFound))) })
			a.tell(a.till.Reversal(m, true))
		}},
		{payment.ReversalRejected, func(a *alarmist) {
			m, _ := a.pay(nil)
			a.h.reverses(func(l *link, r *iso.Message) { l.send(answerTo(r, code(iso.RC30FormatError))) })
			a.tell(a.till.Reversal(m, true))
		}},
		{payment.OriginalUnmatched, func(a *alarmist) {
			m := a.till.Purchase(pos.Sale{Card: card(a.t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"})
			a.tell(a.till.Reversal(m, true))
		}},
		{payment.NetworkReversal, func(a *alarmist) { a.pay(nil); a.reversal(a.debit.Load().Get(37)) }},
		{payment.ForeignReversal, func(a *alarmist) { a.pay(nil); a.reversal("999999999999") }},
		{payment.PostingFailed, frozenMeanwhile},
		{payment.DayClosed, closedMeanwhile},
		{payment.RefundClaimed, settledMeanwhile},
	}
}

// frozenMeanwhile freezes an account while the network is asked.
func frozenMeanwhile(a *alarmist) {
	const account = "R-101-140101-01"
	by := access.By{User: "maker", At: time.Now()}
	a.h.debits(func(l *link, m *iso.Message) {
		if err := registry.FreezeAccount(a.t.Context(), testdb.New(a.t), by, ledger.Live, account); err != nil {
			a.t.Error(err)
		}
		l.send(answerTo(m, nil))
	})
	m := a.till.Purchase(pos.Sale{Card: card(a.t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"})
	a.tell(m)
	reopened, err := registry.ProposeAccountState(a.t.Context(), testdb.New(a.t), by, registry.ReopenAccount, ledger.Live, account)
	if err == nil {
		_, err = registry.Approve(a.t.Context(), testdb.New(a.t), access.By{User: "checker", At: time.Now()}, reopened.ID)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	a.serves()
}

// serves waits until payments are taken again.
func (a *alarmist) serves() {
	await(a.t, "the terminal is told 00 again", func() bool { _, code := a.pay(nil); return code == iso.RC00Approved })
}

// closedDay opens the next day and closes the present one, and gives it.
func (a *alarmist) closedDay() calendar.Date {
	a.t.Helper()
	day, err := ledger.CurrentDay(a.t.Context(), testdb.New(a.t), ledger.Live, 7)
	if err == nil {
		err = ledger.OpenDay(a.t.Context(), testdb.New(a.t), ledger.Live, day.Add(1), "cut-over", time.Now())
	}
	if err == nil {
		err = ledger.CloseDay(a.t.Context(), testdb.New(a.t), ledger.Live, day, time.Now())
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return day
}

// closedMeanwhile has the network date an approval by a day that is closed.
func closedMeanwhile(a *alarmist) {
	a.serves()
	day := a.closedDay()
	a.pay(map[int]string{15: day.Time().Format("0102")})
	a.next()
}

// next has the network go on with a day that is open.
func (a *alarmist) next() {
	day, err := ledger.CurrentDay(a.t.Context(), testdb.New(a.t), ledger.Live, 7)
	if err != nil {
		a.t.Fatal(err)
	}
	await(a.t, "payments are taken on the new day", func() bool {
		_, code := a.pay(map[int]string{15: day.Time().Format("0102")})
		return code == iso.RC00Approved
	})
}

// settledMeanwhile reverses a payment whose day was closed meanwhile.
func settledMeanwhile(a *alarmist) {
	day, err := ledger.CurrentDay(a.t.Context(), testdb.New(a.t), ledger.Live, 7)
	if err != nil {
		a.t.Fatal(err)
	}
	m, code := a.pay(map[int]string{15: day.Time().Format("0102")})
	if code != iso.RC00Approved {
		a.t.Fatalf("told %s", code)
	}
	a.closedDay()
	a.tell(a.till.Reversal(m, true))
}
