package switching

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/identity"
	"treasury-switch/switch/payment"
)

// alsoOf copies a payment that is being reversed, with its records and its queued reversal, to another agency: the bank's side of it is
// the same, and nobody else has to know.
func (r *rig) alsoOf(agency int, p *Purchase) {
	r.t.Helper()
	there := r.payment(p)
	for _, table := range []struct{ name, id, columns string }{
		{"payment", "id", strings.TrimPrefix(payment.Columns, "agency, ")},
		{"event", "payment", "opened_on, payment, version, business_day, plan_id, at, held, was, status, reason, actor, network, told, approval"},
		{"saf", "payment", "opened_on, payment, book, stan, transmission, amount, tries, rejects, next_at, queued_at"},
	} {
		r.exec(`INSERT INTO `+table.name+` (agency, `+table.columns+`) SELECT $1, `+table.columns+` FROM `+table.name+`
			WHERE agency = $2 AND `+table.id+` = $3`, agency, there.Agency, there.ID)
	}
}

// G18: the network does not answer the reversals of one agency, however many there are. Those of another one are sent meanwhile, those that
// were queued before and those that are queued when the first has as many workers busy as it gets.
func TestG18_OneAgencysReversalsAreNotAnswered(t *testing.T) {
	r := newRig(t)
	for range 75 {
		r.reversing()
	}
	r.alsoOf(106, r.reversing())
	r.cfg.Forward.Answer = time.Hour
	var hanging atomic.Int32
	sent := make(chan Reversal, 1)
	r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
		if x.Intent.Agency == 106 {
			sent <- x
			return payment.ReversalAnswered{Word: payment.ReversalUnclear, Code: payment.SystemError}, nil
		}
		hanging.Add(1)
		<-ctx.Done()
		return payment.ReversalAnswered{}, errNoAnswer
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Forward(ctx); close(done) }()
	for _, when := range []string{"before", "meanwhile"} {
		select {
		case x := <-sent:
			if x.PAN == (identity.PAN{}) {
				t.Error("it was sent without its card")
			}
		case <-time.After(10 * time.Second):
			t.Errorf("the other agency's reversal that was queued %s waits behind those that are not answered", when)
		}
		if when == "before" {
			r.eventually(func() bool { return int(hanging.Load()) >= testForward.Workers/agencyPart })
			r.alsoOf(106, r.reversing())
			r.wakeForwarder()
		}
	}
	cancel()
	<-done
}

// G18: the network answers no reversal of two agencies, and each could keep half of the workers busy. The one reversal of a third leaves in the
// same pass, in its turn. One that is queued when all workers are busy gets the first that is free.
func TestG18_TwoAgenciesReversalsAreNotAnswered(t *testing.T) {
	r := newRig(t)
	for range testForward.Workers {
		p := r.reversing()
		r.alsoOf(106, p)
		r.alsoOf(107, p)
	}
	r.exec(`DELETE FROM saf WHERE agency = 107 AND payment NOT IN (SELECT min(payment::text)::uuid FROM saf)`)
	r.cfg.Forward.Answer = time.Hour
	var hanging atomic.Int32
	sent, let := make(chan struct{}, 2), make(chan struct{})
	r.net.reversing(func(ctx context.Context, x Reversal) (payment.ReversalAnswered, error) {
		if x.Intent.Agency == 107 {
			sent <- struct{}{}
			return payment.ReversalAnswered{Word: payment.ReversalDone, Code: payment.OK}, nil
		}
		hanging.Add(1)
		select {
		case <-let:
		case <-ctx.Done():
		}
		return payment.ReversalAnswered{}, errNoAnswer
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Forward(ctx); close(done) }()
	leaves := func(when string) {
		t.Helper()
		select {
		case <-sent:
		case <-time.After(10 * time.Second):
			t.Errorf("%s: the third agency's reversal waits behind those that are not answered", when)
		}
	}
	leaves("in the same pass")
	r.eventually(func() bool { return int(hanging.Load()) == testForward.Workers })
	r.alsoOf(107, r.reversing())
	r.wakeForwarder()
	r.eventually(func() bool { return len(r.wake) == 0 }) // The queue is looked at anew.
	let <- struct{}{}
	leaves("when a worker is free")
	cancel()
	<-done
	if n := r.count(`SELECT count(*) FROM saf WHERE agency = 107 AND tries = 0`); n != 0 {
		t.Errorf("%d of the third's were not tried", n)
	}
}

// Agencies take turns by their numbers and go round; one that has its part of the workers busy is passed over.
func TestAgenciesTakeTurns(t *testing.T) {
	f := (&Switch{cfg: Config{Forward: ForwardConfig{Workers: 4}}}).newForwarder()
	due := []int32{3, 5, 9}
	for i, want := range []int32{3, 5, 9, 3} {
		agency, free := f.next(due)
		if !free || agency != want {
			t.Fatalf("turn %d is of %d (%v), want %d", i, agency, free, want)
		}
		f.last = agency
	}
	f.busy[5], f.working = 2, 2
	if agency, _ := f.next(due); agency != 9 {
		t.Errorf("%d has the turn, although 5 has its half of the workers and 9 none", agency)
	}
	if _, free := f.next([]int32{5}); free {
		t.Error("5 gets more than its half")
	}
	f.busy[9], f.working = 2, 4
	if _, free := f.next(due); free {
		t.Error("there are 4 workers and all are busy")
	}
	f.freed(5)
	f.freed(5)
	if agency, free := f.next(due); !free || agency != 5 {
		t.Errorf("%d has the turn (%v)", agency, free)
	}
}

// A claim takes one item, whatever plan the database makes of it.
func TestAClaimTakesOneItem(t *testing.T) {
	r := newRig(t)
	for range 30 {
		p := r.purchase()
		r.wantCode(r.Purchase(t.Context(), p), payment.OK)
		r.wantCode(r.Reverse(t.Context(), r.reversalOf(p)), payment.OK)
	}
	conn, err := r.db.Acquire(t.Context())
	r.must(err)
	defer conn.Release()
	_, err = conn.Exec(t.Context(), `SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_hashagg = off; SET enable_material = off;
		SET enable_memoize = off; SET enable_sort = off`)
	r.must(err)
	store, now := NewStore(conn), r.Now().Add(time.Second)
	for n := 1; n <= 30; n++ {
		_, found, err := store.claim(t.Context(), 101, now, now.Add(time.Hour), now.Add(time.Minute))
		r.must(err)
		if claimed := r.count(`SELECT count(*) FROM saf WHERE tries > 0`); !found || claimed != n {
			t.Fatalf("after %d claims %d items are claimed", n, claimed)
		}
	}
}
