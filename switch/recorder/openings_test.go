package recorder

import (
	"context"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// The memory of a lane has a bound and an owner: it starts afresh when it is full,
// or when the count of closings is another one.
func TestOpeningsAreBounded(t *testing.T) {
	var o openings
	if !o.refresh(0) || o.refresh(0) {
		t.Error("a new memory is made once")
	}
	o.days[bookDay{ledger.Live, calendar.Date(1)}] = true
	for i := range openingsLimit {
		o.accounts[ledger.AccountID(i)] = true
	}
	if !o.refresh(0) || len(o.accounts)+len(o.days) != 0 {
		t.Error("a full memory is not emptied")
	}
	o.accounts[1] = true
	if !o.refresh(1) || len(o.accounts) != 0 {
		t.Error("a closing is not noticed")
	}
}

// One request that was recorded before does not spoil the group it is in: the others
// are written, it is told that it lost, and the next groups look first.
func TestARepeatLeavesItsGroupAlone(t *testing.T) {
	r := newRig(t)
	r.recorded()
	l := r.own()
	g := newGroup(l)
	i := intentOf(r.serial, r.clock.Now())
	i.RRN = payment.NewRRN(i.OpenedOn, 99)
	again := NewEntry(decided(payment.Payment{}, payment.Requested{Intent: i}), r.clock.Now())
	for i := range 20 {
		e := again
		if i != 7 {
			e = r.intent()
		}
		l.take(g, e)
	}
	l.record(context.Background(), g)
	for i, e := range g.entries {
		want := Written
		if e == again {
			want = Lost
		}
		if o, err := e.Wait(t.Context()); o != want || err != nil {
			t.Errorf("entry %d: %d, %v, want %d", i, o, err, want)
		}
	}
	if l.lookFirst != lookFirstGroups {
		t.Errorf("the lane looks first in %d groups, want %d", l.lookFirst, lookFirstGroups)
	}
	r.holds()
}
