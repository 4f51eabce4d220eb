package network

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
)

// TestAnswerWhileTheCallerGivesUp: the answer, or the word that nothing was sent, may come between the moment at which a caller gives up
// and the one at which the table learns it. It is the outcome then, and the next exchange finds nothing of it in the waiter.
func TestAnswerWhileTheCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		s := r.links[0].session
		inFlight := func(stan int, before time.Time) *exchange {
			m := purchase(stan)
			key, _ := KeyOf(m)
			x := s.newExchange(key, m, before)
			if !r.table.add(x) {
				t.Fatal("its key is taken")
			}
			return x
		}
		answered := inFlight(1, time.Time{})
		if !s.begin(answered) {
			t.Fatal("it was not sent")
		}
		answer := answerTo(answered.request)
		if e := r.table.answer(answered.key, answer); e.Kind != 0 {
			t.Fatalf("the answer is a %v", e.Kind)
		}
		if got, err := s.giveUp(answered, "its time is over"); err != nil || got != answer {
			t.Errorf("given up with its answer there: %v, %v", got, err)
		}
		late := inFlight(2, time.Now())
		if s.begin(late) {
			t.Fatal("it was sent after its time")
		}
		if _, err := s.giveUp(late, "its time is over"); !errors.Is(err, ErrNotSent) || !strings.Contains(err.Error(), "its time to be sent has passed") {
			t.Errorf("given up after the writer had: %v", err)
		}
		for _, x := range []*exchange{answered, late} {
			if len(x.done) != 0 {
				t.Errorf("%s leaves an outcome for the next", x.key)
			}
		}
		done := r.exchange(purchase(1), time.Time{})
		w.trySend(answerTo(<-w.requests))
		expect(t, done, nil)
	})
}

// TestEchoMissesAreCountedInARow: a network that now and then answers no echo keeps its link; one that answers none for as often as was set loses it.
func TestEchoMissesAreCountedInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := single(t, func(c *PoolConfig) {
			c.Links[0].EchoMisses, c.Links[0].EchoInterval, c.Links[0].EchoTimeout = 2, time.Minute, 10*time.Second
		})
		echoes := func(code string, of int) {
			r.host.set(iso.FunctionEcho, code)
			time.Sleep(time.Duration(of) * time.Minute)
		}
		time.Sleep(30 * time.Second) // Between two echoes.
		for range 5 {
			echoes("", 1)
			echoes("00", 1)
		}
		if got := r.Status()[0]; got.State != Ready || got.Connects != 1 || got.EchoesMissed != 5 {
			t.Errorf("after every other echo was answered: %+v", got)
		}
		echoes("", 2)
		if got := r.Status()[0]; got.Failures != 1 || !strings.Contains(got.LastError, "2 echoes in a row") {
			t.Errorf("after two in a row were not: %+v", got)
		}
	})
}
