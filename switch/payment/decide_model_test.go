package payment

import (
	"testing"

	"pgregory.net/rapid"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// model is a payment with the world around it: the ledger, the queue and the
// history that the recorder would have written.
type model struct {
	payment  Payment
	records  []Record
	balance  map[ledger.AccountID]money.Rial
	journals map[int16]ledger.Journal
	queued   bool
	doubted  bool
}

// TestDecideKeepsThePromise drives random histories through Decide and holds,
// after every step, what may never break: the money is in exactly one place, the
// queue and the status agree, nobody is told 'approved' after a reversal was
// queued, and loading the records gives the very payment that was decided.
func TestDecideKeepsThePromise(t *testing.T) {
	all := events()
	rapid.Check(t, func(t *rapid.T) {
		m := model{balance: map[ledger.AccountID]money.Rial{}, journals: map[int16]ledger.Journal{}}
		for range rapid.IntRange(1, 14).Draw(t, "steps") {
			e := all[rapid.IntRange(0, len(all)-1).Draw(t, "event")]
			m.step(t, e)
		}
	})
}

func (m *model) step(t *rapid.T, e namedEvent) {
	before := m.payment
	plan, err := Decide(before, e.event)
	if err != nil {
		if k := fault.KindOf(err); k == fault.Bug && before.Status != None {
			t.Fatalf("%s in %s: %v", e.name, before.Status, err)
		}
		return
	}
	if plan.Nothing() {
		return
	}
	m.keep(t, before, plan, e)
	m.holdMoney(t, e)
}

func (m *model) keep(t *rapid.T, before Payment, plan Plan, e namedEvent) {
	after := plan.Payment
	if r := plan.Record; r != nil {
		m.records = append(m.records, *r)
		if !Allowed(r.Was, r.Status) || r.Version != before.Version+1 {
			t.Fatalf("%s: %s to %s at version %d after %d", e.name, r.Was, r.Status, r.Version, before.Version)
		}
	} else if !plan.New && before.Status != after.Status {
		t.Fatalf("%s: status changed without a record", e.name)
	}
	if j := plan.Journal; j != nil {
		m.post(t, *j)
	}
	m.work(t, plan, e)
	m.payment = after
	folded := Fold(after.Intent, m.records)
	if folded.Status != after.Status || folded.Answer() != after.Answer() || folded.Held != after.Held ||
		folded.Posted != after.Posted || folded.Suspended != after.Suspended || folded.Version != after.Version {
		t.Fatalf("%s: loaded %+v, decided %+v", e.name, folded, after)
	}
	m.doubted = m.doubted || after.Status == Reversing
	if m.doubted && after.Answer() == OK {
		t.Fatalf("%s: told approved after REVERSING", e.name)
	}
}

// post books a journal as the ledger does, and holds a reversal to its original.
func (m *model) post(t *rapid.T, j ledger.Journal) {
	if err := ledger.Check(j); err != nil {
		t.Fatal(err)
	}
	if j.Reverses != 0 {
		if _, ok := m.journals[j.Reverses]; !ok {
			t.Fatalf("journal %d reverses %d, which is not there", j.Version, j.Reverses)
		}
	}
	m.journals[j.Version] = j
	for _, x := range j.Transfers {
		m.balance[x.Debit] -= x.Amount
		m.balance[x.Credit] += x.Amount
	}
}

func (m *model) work(t *rapid.T, plan Plan, e namedEvent) {
	switch plan.Task {
	case QueueNow, QueueLater:
		if m.queued {
			t.Fatalf("%s: queued twice", e.name)
		}
		m.queued = true
	case Hurry, WaitWindow, BackOff, BackOffHard:
		if !m.queued {
			t.Fatalf("%s: task %d without a queued reversal", e.name, plan.Task)
		}
	case Dequeue:
		m.queued = false
	}
	if m.queued != (plan.Payment.Status == Reversing) {
		t.Fatalf("%s: %s with queued %v", e.name, plan.Payment.Status, m.queued)
	}
}

// holdMoney says where the money is in each status.
func (m *model) holdMoney(t *rapid.T, e namedEvent) {
	clearing := -m.balance[ledger.House(101, ledger.Live, ledger.Clearing)]
	suspense := m.balance[ledger.House(101, ledger.Live, ledger.Suspense)]
	var shares money.Rial
	for _, s := range sampleIntent().Price.Shares {
		shares += m.balance[s.Account]
	}
	p := m.payment
	ok := clearing == shares+suspense
	switch p.Status {
	case Approved:
		ok = ok && shares == p.Amount && suspense == 0
	case Reversing:
		ok = ok && shares == 0 && (suspense == 0 || suspense == p.Amount)
	case Case:
		ok = ok && shares == 0 && (p.Suspended == 0) == (suspense == 0)
	default:
		ok = ok && shares == 0 && suspense == 0 && clearing == 0
	}
	if !ok {
		t.Fatalf("%s: %s (%s) with clearing %d, shares %d, suspense %d", e.name, p.Status, p.Reason, clearing, shares, suspense)
	}
}
