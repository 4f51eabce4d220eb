package network

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// TestExchange matches answers that come in another order than their requests.
func TestExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		first, second := r.exchange(purchase(1), time.Time{}), r.exchange(purchase(2), time.Time{})
		one, two := <-w.requests, <-w.requests
		w.trySend(answerTo(two))
		w.trySend(answerTo(one))
		for i, done := range []<-chan outcome{first, second} {
			if got := expect(t, done, nil); got.answer.Get(11) != fmt.Sprintf("%06d", i+1) {
				t.Errorf("request %d got the answer of %s", i+1, got.answer.Get(11))
			}
		}
	})
}

// TestKeyIsMoreThanTheSTAN: class, terminal and time count as well.
func TestKeyIsMoreThanTheSTAN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		request := <-w.requests
		for f, v := range map[int]string{41: "10100002", 7: "1121084501", 11: "000002"} {
			foreign := answerTo(request)
			foreign.Set(f, v)
			w.trySend(foreign)
			if e := r.next(t); e.Kind != Unmatched {
				t.Errorf("an answer with another F%d is a %v", f, e.Kind)
			}
		}
		reversal := answerTo(request)
		reversal.MTI = iso.MTIReversalAdviceAnswer
		w.trySend(reversal)
		if e := r.next(t); e.Kind != Unmatched {
			t.Errorf("an answer of another class is a %v", e.Kind)
		}
		w.trySend(answerTo(request))
		expect(t, done, nil)
	})
}

// TestDuplicateKeyIsRefused loudly, over all links of the pool; after the first has
// ended the key may be used again, as a repeat does.
func TestDuplicateKeyIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		r := start(t, h, nil, "a", "b")
		wires := []*wire{<-h.conns, <-h.conns}
		first := r.exchange(purchase(1), time.Time{})
		got := expect(t, r.exchange(purchase(1), time.Time{}), ErrDuplicate)
		if !errors.Is(got.err, ErrNotSent) || !fault.Is(got.err, fault.Unavailable) {
			t.Errorf("a duplicate must be certainly not sent: %v", got.err)
		}
		if strings.Count(r.log.String(), "its key is in flight") != 1 {
			t.Errorf("a duplicate must be told loudly, once: %s", r.log)
		}
		w, request := whoGot(t, wires)
		w.trySend(answerTo(request))
		expect(t, first, nil)
		again := r.exchange(purchase(1), time.Time{})
		w, request = whoGot(t, wires)
		w.trySend(answerTo(request))
		expect(t, again, nil)
	})
}

// whoGot returns the one request that the host has received and on which connection.
func whoGot(t *testing.T, wires []*wire) (*wire, *iso.Message) {
	t.Helper()
	synctest.Wait()
	var found *wire
	var message *iso.Message
	for _, w := range wires {
		select {
		case m := <-w.requests:
			if m == nil {
				continue // The connection has ended.
			}
			if found != nil {
				t.Fatal("the host received more than one request")
			}
			found, message = w, m
		default:
		}
	}
	if found == nil {
		t.Fatal("the host received no request")
	}
	return found, message
}

// TestC5_LinkDownIsKnownNotSent: without a signed-on link nothing is sent, whether
// there is no connection or the sign-on is still unanswered.
func TestC5_LinkDownIsKnownNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		var listening atomic.Bool
		h.refuse = func(string) error {
			if listening.Load() {
				return nil
			}
			return errors.New("connection refused")
		}
		h.set(iso.FunctionSignOn, "")
		r := start(t, h, nil, "a")
		if r.SignedOn() {
			t.Error("a pool without a connection must not say that it is signed on")
		}
		got := expect(t, r.exchange(purchase(1), time.Time{}), ErrNotSent)
		if !fault.Is(got.err, fault.Unavailable) {
			t.Errorf("kind of %v", got.err)
		}
		listening.Store(true)
		time.Sleep(time.Second)
		w := <-h.conns
		expect(t, r.exchange(purchase(1), time.Time{}), ErrNotSent)
		if len(w.requests) != 0 {
			t.Error("a request went out before the sign-on")
		}
	})
}

// TestSendBefore: a request whose time has passed is not written (C8).
func TestSendBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		expect(t, r.exchange(purchase(1), time.Now()), ErrNotSent)
		if len(w.requests) != 0 {
			t.Error("it was sent")
		}
		done := r.exchange(purchase(2), time.Now().Add(time.Millisecond))
		w.trySend(answerTo(<-w.requests))
		expect(t, done, nil)
	})
}

// TestBoundOfInFlight refuses what is over it and takes more when an answer is in.
func TestBoundOfInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, func(c *PoolConfig) { c.Links[0].MaxInFlight = 2 })
		first := r.exchange(purchase(1), time.Time{})
		r.exchange(purchase(2), time.Time{})
		expect(t, r.exchange(purchase(3), time.Time{}), ErrNotSent)
		if got := r.Status()[0]; got.InFlight != 2 || got.NotSent != 1 {
			t.Errorf("status %+v", got)
		}
		w.trySend(answerTo(<-w.requests))
		expect(t, first, nil)
		fourth := r.exchange(purchase(4), time.Time{})
		<-w.requests
		w.trySend(answerTo(<-w.requests))
		expect(t, fourth, nil)
	})
}

// TestCallersDeadline ends an exchange before the link's timeout.
func TestCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		r := start(t, h, nil, "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := r.Exchange(ctx, purchase(1), time.Time{})
		if !errors.Is(err, ErrNoAnswer) || !fault.Is(err, fault.Unknown) {
			t.Errorf("after the deadline: %v", err)
		}
		if _, err = r.Exchange(ctx, purchase(2), time.Time{}); !errors.Is(err, ErrNotSent) || !fault.Is(err, fault.Unavailable) {
			t.Errorf("with a context that has ended: %v", err)
		}
	})
}

// TestExchange_RefusesWhatIsNoRequest before anything is sent.
func TestExchange_RefusesWhatIsNoRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		short, answer, unfit := purchase(1), purchase(2), purchase(3)
		short.Set(11, "1")
		answer.MTI = iso.MTIPurchaseAnswer
		unfit.Set(4, "12 rials")
		for _, m := range []*iso.Message{short, answer, unfit} {
			expect(t, r.exchange(m, time.Time{}), ErrNotSent)
		}
		if len(w.requests) != 0 || r.Status()[0].InFlight != 0 {
			t.Error("something was sent or is still counted")
		}
	})
}
