package switching

import (
	"cmp"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// modelStore is the database of the model: compare and set over payments and their records, the queue of reversals, the books of each
// payment. The world's lock is held over each use.
type modelStore struct {
	payments  map[payment.Key]*modelPayment
	queue     map[payment.Key]*modelReversal
	days      map[ledger.Book]calendar.Date
	closed    calendar.Date // no business day before this is open
	frozen    map[ledger.AccountID]time.Time
	refuses   bool // the next plan breaks a constraint
	swept     map[pass]time.Time
	unmatched map[payment.Key]unmatched
	kept      map[payment.Key]bool // what was ever written down there
	cases     map[payment.Key][]*modelCase
	open      map[payment.Key]time.Time // payments that were left for others to end, and from when on
	leases    map[string]time.Time      // by node: until when its lane is leased; not there if it was given back

	abandoned []time.Time // when lanes were found that their processes had not given back
	time      func() time.Time
}

type modelPayment struct {
	intent  *payment.Intent
	records []payment.Record
	times   []time.Time // of each record, by the clock of the database
	books   map[ledger.AccountID]money.Rial
	settled bool // it was reversed although its business day was closed
}

func newModelStore(clock func() time.Time) *modelStore {
	return &modelStore{payments: map[payment.Key]*modelPayment{}, queue: map[payment.Key]*modelReversal{}, frozen: map[ledger.AccountID]time.Time{},
		days: map[ledger.Book]calendar.Date{ledger.Live: calendar.DateOf(clock())}, swept: map[pass]time.Time{atOnce: clock().Add(-aDay)},
		open: map[payment.Key]time.Time{}, unmatched: map[payment.Key]unmatched{}, kept: map[payment.Key]bool{}, cases: map[payment.Key][]*modelCase{}, leases: map[string]time.Time{}, time: clock}
}

func (m *modelStore) payment(k payment.Key) (payment.Payment, bool) {
	p, ok := m.payments[k]
	if !ok {
		return payment.Payment{}, false
	}
	return payment.Fold(p.intent, p.records), true
}

// write records a plan as a group of the recorder does: whoever inserts a payment or a record's version first has won.
func (m *modelStore) write(e *recorder.Entry) recorder.Outcome {
	k, plan := e.Plan.Payment.Key, &e.Plan
	p := m.payments[k]
	switch {
	case plan.New && p != nil, plan.Record != nil && !plan.New && int(plan.Record.Version) != len(p.records)+1:
		return recorder.Lost
	}
	if refused := m.refusal(plan); refused != 0 {
		return refused
	}
	if plan.New {
		p = &modelPayment{intent: plan.Payment.Intent, books: map[ledger.AccountID]money.Rial{}}
		m.payments[k] = p
	}
	if r := plan.Record; r != nil {
		p.settled = p.settled || r.Was == payment.Approved && r.Status == payment.Reversing && payment.Fold(p.intent, p.records).BusinessDay < m.closed
		p.records, p.times = append(p.records, *plan.Record), append(p.times, m.time())
	}
	if plan.Journal != nil {
		for _, t := range plan.Journal.Transfers {
			p.books[t.Debit] -= t.Amount
			p.books[t.Credit] += t.Amount
		}
		m.days[plan.Journal.Book] = max(m.days[plan.Journal.Book], plan.Journal.BusinessDay)
	}
	if plan.Case != "" {
		m.cases[k] = append(m.cases[k], &modelCase{reason: plan.Case})
	}
	m.task(e, k)
	return recorder.Written
}

// refusal is how the ledger refuses a plan.
func (m *modelStore) refusal(plan *payment.Plan) recorder.Outcome {
	j := plan.Journal
	switch {
	case m.refuses && (plan.New || j != nil):
		m.refuses = false
		return recorder.Rejected
	case j == nil:
		return 0
	case j.BusinessDay < m.closed, !plan.MustBe.IsZero() && plan.MustBe < m.closed:
		return recorder.DayNotOpen
	}
	for _, t := range j.Transfers {
		_, credit := m.frozen[t.Credit]
		_, debit := m.frozen[t.Debit]
		if credit || debit && j.Reverses == 0 {
			return recorder.AccountNotOpen
		}
	}
	return 0
}

// sum is what an account holds of one payment.
func (p *modelPayment) sum(accounts ...ledger.AccountID) (total money.Rial) {
	for _, a := range accounts {
		total += p.books[a]
	}
	return total
}

// sortedPayments are all payments, in the order of their keys.
func (m *modelStore) sortedPayments() []*modelPayment {
	all := make([]*modelPayment, 0, len(m.payments))
	for _, p := range m.payments {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *modelPayment) int { return cmp.Or(payment.CompareKeys(a.intent.Key, b.intent.Key)) })
	return all
}

// takeOver is what the watch over lanes does: a node whose lease has run out has ended, or seems to.
func (m *modelStore) takeOver() {
	for name, until := range m.leases {
		if until.Before(m.time()) {
			delete(m.leases, name)
			m.abandoned = append(m.abandoned, m.time())
		}
	}
}
