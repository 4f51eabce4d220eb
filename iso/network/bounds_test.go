package network

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// TestEventsHoldBack: a receiver that is slow holds the network back and loses
// nothing.
func TestEventsHoldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		received := make(chan Event)
		r := start(t, h, func(c *PoolConfig) {
			c.EventQueue = 2
			c.Events = func(e Event) { received <- e }
		}, "a")
		w := <-h.conns
		<-received // SignedOn
		go func() {
			for stan := 1; stan <= 10; stan++ {
				w.trySend(answerTo(purchase(stan)))
			}
		}()
		time.Sleep(time.Second)
		for stan := 1; stan <= 10; stan++ {
			want, _ := KeyOf(purchase(stan))
			got, _ := KeyOf((<-received).Message)
			got.class = want.class
			if got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
		go func() {
			for range received {
				continue
			}
		}()
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		close(received)
		if _, lost := r.EventCounts(); lost != 0 {
			t.Errorf("%d events were lost", lost)
		}
	})
}

// TestEventsGivenUp: a receiver that never comes back cannot keep the pool from
// ending, and every event that it did not get is counted and logged.
func TestEventsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		stuck := make(chan struct{})
		r := start(t, h, func(c *PoolConfig) {
			c.EventQueue = 1
			c.Events = func(Event) { <-stuck }
		}, "a")
		w := <-h.conns
		go func() {
			for stan := 1; stan <= 4; stan++ {
				w.trySend(answerTo(purchase(stan)))
			}
		}()
		synctest.Wait()
		if err := r.stop(); !fault.Is(err, fault.Unavailable) {
			t.Errorf("Run ended with %v", err)
		}
		if _, lost := r.EventCounts(); lost == 0 {
			t.Error("no event counts as lost")
		}
		close(stuck)
	})
}

// TestMemoryIsBounded: what is remembered of ended requests has a bound in number and
// age, and a repeat's new memory is not dropped with the old one.
func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(3, time.Minute)
		end := func(stan int, answered bool) Key {
			key, _ := KeyOf(purchase(stan))
			x := &exchange{key: key, request: purchase(stan), waiter: &waiter{done: make(chan result, 1)}}
			x.stage.Store(sent)
			if !tab.add(x) {
				t.Fatalf("key %v is taken", key)
			}
			if answered {
				tab.answer(key, answerTo(purchase(stan)))
			} else {
				tab.expire(x)
			}
			return key
		}
		first := end(1, true)
		end(2, true)
		end(1, false) // A repeat of the first, unanswered this time.
		end(3, true)
		end(4, true) // Drops the memory of 2 and the old one of 1.
		if kind := tab.answer(first, nil).Kind; kind != Late {
			t.Errorf("the repeat's answer is %v, want late", kind)
		}
		if len(tab.requests) > 3 || tab.order.len() > 3 {
			t.Errorf("%d remembered in %d places, want at most 3", len(tab.requests), tab.order.len())
		}
		time.Sleep(2 * time.Minute)
		if kind := tab.answer(first, nil).Kind; kind != Unmatched || len(tab.requests) != 0 {
			t.Errorf("after its time: %v, %d remembered", kind, len(tab.requests))
		}
	})
}

// TestOldIsForgottenBesideYoung: an answer to a request that is too old is unmatched,
// although one that ended later is still remembered.
func TestOldIsForgottenBesideYoung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(3, time.Minute)
		for stan := 1; stan <= 2; stan++ {
			key, _ := KeyOf(purchase(stan))
			x := &exchange{key: key, request: purchase(stan), waiter: &waiter{done: make(chan result, 1)}}
			x.stage.Store(sent)
			tab.add(x)
			tab.answer(key, answerTo(purchase(stan)))
			time.Sleep(31 * time.Second)
		}
		for i, want := range []EventKind{Unmatched, Duplicate} {
			key, _ := KeyOf(purchase(i + 1))
			if kind := tab.answer(key, nil).Kind; kind != want {
				t.Errorf("the answer to %d is %v, want %v", i+1, kind, want)
			}
		}
	})
}

// TestUnsentIsNeverAnswered: an answer to a request that still waits to be written is
// somebody else's.
func TestUnsentIsNeverAnswered(t *testing.T) {
	tab := newTable(3, time.Minute)
	key, _ := KeyOf(purchase(1))
	x := &exchange{key: key, request: purchase(1), waiter: &waiter{done: make(chan result, 1)}}
	tab.add(x)
	if kind := tab.answer(key, nil).Kind; kind != Unmatched {
		t.Errorf("it was taken as %v", kind)
	}
}

// TestGarbage: one unreadable message costs nothing but itself; a stream of them, a
// wrong length, ends the connection.
func TestGarbage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		request := <-w.requests
		garbage, err := iso.AppendFrame(nil, []byte("garbage"), r.host.codec.Framing, iso.TPDU{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.write(garbage); err != nil {
			t.Fatal(err)
		}
		if e := r.next(t); e.Kind != Untrusted {
			t.Errorf("event %v", e.Kind)
		}
		w.trySend(answerTo(request))
		expect(t, done, nil)
		for range unreadableInARow {
			if err := w.write(garbage); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		w = <-r.host.conns
		if err := w.write([]byte{0, 0}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		<-r.host.conns
		if got := r.Status()[0]; got.Failures != 2 || got.State != Ready {
			t.Errorf("status %+v", got)
		}
	})
}

// D22: a bug that one message meets ends its connection and not the process; the next one serves.
func TestD22_ABugOfOneMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		r, w := single(t, func(c *PoolConfig) {
			c.Now = func() time.Time {
				if broken.CompareAndSwap(true, false) {
					panic("made to fail")
				}
				return time.Now()
			}
		})
		broken.Store(true)
		w.trySend(answerTo(purchase(9)))
		w = <-r.host.conns
		synctest.Wait()
		done := r.exchange(purchase(1), time.Time{})
		w.trySend(answerTo(<-w.requests))
		expect(t, done, nil)
		if got := r.Status()[0]; got.Failures != 1 || !strings.Contains(r.log.String(), "a bug ended a connection") {
			t.Errorf("status %+v, log %s", got, r.log)
		}
	})
}

// TestNewPool_Refuses configurations that cannot work.
func TestNewPool_Refuses(t *testing.T) {
	good := Config{Name: "a", Addresses: []string{"h:1"}, Dialect: iso.ShetabDialect()}
	for name, links := range map[string][]Config{
		"no link":    nil,
		"twice":      {good, good},
		"no name":    {{Addresses: good.Addresses, Dialect: good.Dialect}},
		"no address": {{Name: "a", Dialect: good.Dialect}},
		"no dialect": {{Name: "a", Addresses: good.Addresses}},
	} {
		if _, err := NewPool(PoolConfig{Links: links}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestC10_DrainIsBounded: what is not answered by the end of the drain is unknown,
// and the connection is closed all the same.
func TestC10_DrainIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, func(c *PoolConfig) { c.Links[0].DrainTimeout = 10 * time.Second })
		done := r.exchange(purchase(1), time.Time{})
		<-w.requests
		began := time.Now()
		w.trySend(fromNetwork(iso.FunctionSignOff))
		expect(t, done, ErrNoAnswer)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("the drain took %v", took)
		}
	})
}

// TestStaysWhileThereIsTraffic: the deadline of an earlier wait for a frame never ends
// a connection on which frames come, however long it lives.
func TestStaysWhileThereIsTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := single(t, nil)
		time.Sleep(time.Hour)
		if got := r.Status()[0]; got.State != Ready || got.Connects != 1 || got.EchoesMissed != 0 {
			t.Errorf("after an hour: %+v", got)
		}
	})
}

// TestWaiterIsUsedAgain: an exchange that was given up leaves nothing for the one that
// waits with the same channel and timer after it.
func TestWaiterIsUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, func(c *PoolConfig) { c.Links[0].AnswerTimeout = 10 * time.Second })
		for stan := 1; stan <= 20; stan += 2 {
			lost := r.exchange(purchase(stan), time.Time{})
			late := answerTo(<-w.requests)
			time.Sleep(10 * time.Second)
			expect(t, lost, ErrNoAnswer)
			next := r.exchange(purchase(stan+1), time.Time{})
			request := <-w.requests
			w.trySend(late)
			if e := r.next(t); e.Kind != Late {
				t.Errorf("the late answer is a %v", e.Kind)
			}
			time.Sleep(9 * time.Second)
			w.trySend(answerTo(request))
			if got := expect(t, next, nil); got.answer.Get(11) != request.Get(11) {
				t.Errorf("request %s got the answer of %s", request.Get(11), got.answer.Get(11))
			}
		}
	})
}
