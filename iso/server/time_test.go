package server

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
)

// TestInFlightBound pauses reading at the bound and goes on when an answer is out.
func TestInFlightBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		var started atomic.Int32
		gate := make(chan struct{})
		s := start(t, l, Config{MaxInFlight: 2, Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
			started.Add(1)
			<-gate
			return approve(ctx, se, m)
		}})
		p := l.dial(t, s.codec)
		go func() {
			for stan := 1; stan <= 5; stan++ {
				p.Send(echo(stan))
			}
		}()
		synctest.Wait()
		if got := started.Load(); got != 2 {
			t.Errorf("%d messages are handled at once, want 2", got)
		}
		close(gate)
		for range 5 {
			p.Receive()
		}
	})
}

// TestIdle closes a silent connection, but not one that waits for its answer.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{IdleTimeout: 10 * time.Second, Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
			time.Sleep(25 * time.Second)
			return approve(ctx, se, m)
		}})
		silent, waiting := l.dial(t, s.codec), l.dial(t, s.codec)
		waiting.Send(echo(1))
		time.Sleep(11 * time.Second)
		silent.ExpectClosed()
		waiting.Receive()
		time.Sleep(9 * time.Second)
		if got := s.Stats(); got.Open != 1 || got.Closed[ReasonIdle] != 1 {
			t.Errorf("closed too early after an answer: %+v", got)
		}
		time.Sleep(2 * time.Second)
		waiting.ExpectClosed()
	})
}

// TestLingerIsBounded: a peer that has gone does not keep its connection for ever,
// and a message that is still handled finds its answer undeliverable.
func TestLingerIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{LingerTimeout: 10 * time.Second, Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
			time.Sleep(time.Minute)
			if ctx.Err() != nil {
				t.Error("the end of a connection must not cancel its messages")
			}
			return approve(ctx, se, m)
		}})
		p := l.dial(t, s.codec)
		p.Send(echo(1))
		p.Write([]byte{0, 0})
		time.Sleep(11 * time.Second)
		if got := s.Stats(); got.Open != 0 || got.Closed[ReasonFrameLength] != 1 {
			t.Errorf("after the linger time: %+v", got)
		}
		time.Sleep(time.Minute)
		if got := s.Stats(); got.Undeliverable != 1 {
			t.Errorf("undeliverable answers: %+v", got)
		}
	})
}

// TestShutdownDrains lets messages in flight be answered, reads no others and lets
// nobody in.
func TestShutdownDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
			time.Sleep(5 * time.Second)
			return approve(ctx, se, m)
		}})
		p, silent := l.dial(t, s.codec), l.dial(t, s.codec)
		p.Send(echo(1))
		synctest.Wait() // The message is being handled.
		ended := make(chan error, 1)
		go func() { ended <- s.Shutdown(t.Context()) }()
		synctest.Wait()
		silent.ExpectClosed()
		select {
		case <-l.closed:
		default:
			t.Error("the listener is still open")
		}
		isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000001", 39: "00"})
		p.ExpectClosed()
		if err := <-ended; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if got := s.Stats(); got.Closed[ReasonDrained] != 2 || got.Answers != 1 {
			t.Errorf("counters %+v", got)
		}
	})
}

// TestShutdownByForce: handlers learn by their context that time is over.
func TestShutdownByForce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
			<-ctx.Done()
			return nil
		}})
		p := l.dial(t, s.codec)
		p.Send(echo(1))
		synctest.Wait() // The message is being handled.
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v, want the deadline", err)
		}
		p.ExpectClosed()
		if err := s.Serve(newPipes()); err == nil {
			t.Error("a closed server serves again")
		}
	})
}

// TestObserve hears of each answer with the time it took.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		type seen struct {
			mti  iso.MTI
			code string
			took time.Duration
		}
		got := make(chan seen, 1)
		s := start(t, l, Config{
			Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
				time.Sleep(40 * time.Millisecond)
				return approve(ctx, se, m)
			},
			Observe: func(m *iso.Message, code string, took time.Duration) { got <- seen{m.MTI, code, took} },
		})
		p := l.dial(t, s.codec)
		p.Send(echo(1))
		p.Receive()
		if g := <-got; g != (seen{iso.MTINetwork, "00", 40 * time.Millisecond}) {
			t.Errorf("observed %+v", g)
		}
	})
}

// TestListenerClosedByOthers is an error of Serve, not a spin.
func TestListenerClosedByOthers(t *testing.T) {
	s, err := New(Config{Dialect: iso.TerminalDialect(), Handler: approve})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l := newPipes()
	_ = l.Close()
	if err := s.Serve(l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve: %v", err)
	}
}
