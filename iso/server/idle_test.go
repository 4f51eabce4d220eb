package server

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
)

// quiet answers nothing, after a while.
func quiet(after time.Duration) Handler {
	return func(context.Context, *Session, *iso.Message) *iso.Message {
		time.Sleep(after)
		return nil
	}
}

// TestIdleCountsFromTheLastMessage: the deadline of an earlier wait stays while
// messages come, and a message that is not even answered puts the end off.
func TestIdleCountsFromTheLastMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{IdleTimeout: 10 * time.Second, Handler: quiet(0)})
		p := l.dial(t, s.codec)
		for stan := range 5 {
			time.Sleep(6 * time.Second)
			p.Send(echo(stan))
		}
		time.Sleep(9 * time.Second)
		if got := s.Stats(); got.Open != 1 || got.Messages != 5 {
			t.Errorf("closed too early: %+v", got)
		}
		time.Sleep(2 * time.Second)
		p.ExpectClosed()
		if got := s.Stats(); got.Closed[ReasonIdle] != 1 {
			t.Errorf("the reason is another: %+v", got)
		}
	})
}

// TestIdleAfterAPause: while reading pauses at the bound of messages in flight, no
// time of waiting passes.
func TestIdleAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{IdleTimeout: 10 * time.Second, MaxInFlight: 1, Handler: quiet(25 * time.Second)})
		p := l.dial(t, s.codec)
		p.Send(echo(1))
		time.Sleep(34 * time.Second)
		if got := s.Stats(); got.Open != 1 {
			t.Errorf("closed too early: %+v", got)
		}
		time.Sleep(2 * time.Second)
		p.ExpectClosed()
	})
}

// TestHalfAFrameBehindAWholeOne has the time of a frame, not that of a wait.
func TestHalfAFrameBehindAWholeOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{IdleTimeout: time.Minute, ReadTimeout: 5 * time.Second, Handler: quiet(0)})
		p := l.dial(t, s.codec)
		p.Send(echo(1))
		p.Write(append(p.Frame(echo(2)), p.Frame(echo(3))[:20]...))
		time.Sleep(4 * time.Second)
		if got := s.Stats(); got.Open != 1 || got.Messages != 2 {
			t.Errorf("closed too early: %+v", got)
		}
		time.Sleep(2 * time.Second)
		if got := s.Stats(); got.Closed[ReasonSlowFrame] != 1 {
			t.Errorf("still open, or closed for another reason: %+v", got)
		}
	})
}
