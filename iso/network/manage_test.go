package network

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
)

// fromNetwork is an 0800 of the network.
func fromNetwork(code string) *iso.Message {
	m := &iso.Message{MTI: iso.MTINetwork}
	for f, v := range map[int]string{7: "1121084500", 11: "700001", 12: "121500", 13: "1121", 33: "581672000", 70: code} {
		m.Set(f, v)
	}
	if code == iso.FunctionCutOver || code == iso.FunctionCutOverDone {
		m.Set(15, "1122")
	}
	return m
}

// TestManaged answers the network's own 0800s.
func TestManaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		halfCutOver := fromNetwork(iso.FunctionCutOver)
		halfCutOver.Unset(15)
		for _, c := range []struct {
			request *iso.Message
			code    string
			event   EventKind
		}{
			{fromNetwork(iso.FunctionEcho), "00", 0},
			{fromNetwork(iso.FunctionSignOn), "00", 0},
			{fromNetwork(iso.FunctionCutOver), "00", CutOver},
			{fromNetwork(iso.FunctionCutOverDone), "00", CutOverEnd},
			{halfCutOver, "30", 0},
			{fromNetwork("999"), "12", 0},
		} {
			w.trySend(c.request)
			answer := <-w.requests
			if answer.MTI != iso.MTINetworkAnswer || answer.Get(39) != c.code {
				t.Errorf("%s was answered %s %s, want %s", c.request.Get(70), answer.MTI, answer.Get(39), c.code)
			}
			if faults := r.host.codec.Dialect.Check(answer, iso.ToNetwork); faults != nil {
				t.Errorf("the answer breaks the dialect: %v", faults)
			}
			if c.event == 0 {
				continue
			}
			if e := r.next(t); e.Kind != c.event || e.Day != "1122" || e.Link != "a" {
				t.Errorf("event %+v", e)
			}
		}
	})
}

// TestOwnManagementMessages are whole by the dialect's rules.
func TestOwnManagementMessages(t *testing.T) {
	l := newLink(&Pool{config: PoolConfig{}.complete()}, Config{Institution: "581672041"})
	l.pool.config.Now = func() time.Time { return time.Date(2026, 3, 20, 21, 0, 0, 0, time.UTC) }
	m := l.management(iso.FunctionEcho)
	if faults := iso.ShetabDialect().Check(m, iso.ToNetwork); faults != nil {
		t.Error(faults)
	}
	// Tehran is 3:30 ahead of F7's UTC, here on the next day already.
	for f, want := range map[int]string{7: "0320210000", 12: "003000", 13: "0321", 33: "581672041", 70: "301"} {
		if got := m.Get(f); got != want {
			t.Errorf("F%d is %s, want %s", f, got, want)
		}
	}
}

// TestUnserved hands on requests of other classes with a way to answer them.
func TestUnserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		strange := fromNetwork(iso.FunctionEcho)
		strange.MTI = 600
		strange.Unset(70)
		w.trySend(strange)
		e := r.next(t)
		if e.Kind != Unserved || e.Message.MTI != 600 {
			t.Fatalf("event %+v", e)
		}
		answer := &iso.Message{MTI: 610}
		answer.Set(11, "700001")
		if err := e.Reply(answer); err != nil {
			t.Fatal(err)
		}
		if got := <-w.requests; got.MTI != 610 {
			t.Errorf("the network got %s", got.MTI)
		}
		_ = w.conn.Close()
		synctest.Wait()
		if err := e.Reply(answer); err == nil {
			t.Error("a reply on a lost connection must fail")
		}
	})
}

// TestManagementGoesFirst: what is urgent is written before what waits longer.
func TestManagementGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		r := start(t, h, nil, "a")
		s := newSession(t.Context(), r.links[0], nil)
		queue := func(to chan outgoing, text string) {
			frame, err := s.link.codec.FramePayload([]byte(text), iso.TPDU{})
			if err != nil {
				t.Fatal(err)
			}
			to <- outgoing{frame: frame}
		}
		for _, text := range []string{"n1", "n2", "n3"} {
			queue(s.normal, text)
		}
		queue(s.urgent, "u1")
		queue(s.urgent, "u2")
		first, _ := s.next()
		if got := strings.ReplaceAll(string(s.gather(nil, first)), "\x00\x02", ""); got != "u1u2n1n2n3" {
			t.Errorf("written in the order %s", got)
		}
	})
}

// TestReconnect tries the alternates at once, pauses with growing backoff after each
// round, and prefers the first address again after a connection that worked.
func TestReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		h.refuse = func(address string) error {
			if time.Since(h.began) < 4*time.Second || address == "first:1" {
				return errors.New("connection refused")
			}
			return nil
		}
		r := start(t, h, func(c *PoolConfig) {
			c.Links[0].Addresses = []string{"first:1", "second:1"}
			c.Links[0].BackoffFirst, c.Links[0].BackoffMost = time.Second, 2*time.Second
		}, "a")
		time.Sleep(6 * time.Second)
		want := []string{"first:1 0s", "second:1 0s", "first:1 1s", "second:1 1s", "first:1 3s", "second:1 3s", "first:1 5s", "second:1 5s"}
		if got := h.attempts(); !slices.Equal(got, want) {
			t.Errorf("attempts %v", got)
		}
		if got := r.Status()[0]; !r.SignedOn() || got.Address != "second:1" || got.Connects != 1 {
			t.Errorf("status %+v", got)
		}
		_ = (<-h.conns).conn.Close()
		time.Sleep(2 * time.Second)
		if got := h.attempts()[len(want):]; !slices.Equal(got, []string{"first:1 7s", "second:1 7s"}) {
			t.Errorf("after a loss: %v", got)
		}
	})
}

// TestDownSinceItWasLastUp: attempts to reconnect do not begin the time anew in which the link is away.
func TestDownSinceItWasLastUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		began := time.Now()
		var away atomic.Bool
		h.refuse = func(string) error {
			if away.Load() {
				return errors.New("connection refused")
			}
			return nil
		}
		r := start(t, h, nil, "a")
		time.Sleep(time.Minute)
		if got := r.Status()[0]; got.State != Ready || !got.Since.Equal(began) {
			t.Errorf("signed on since %s, want %s", got.Since.Sub(began), time.Duration(0))
		}
		away.Store(true)
		_ = (<-h.conns).conn.Close()
		time.Sleep(5 * time.Minute)
		if got := r.Status()[0]; got.State == Ready || !got.Since.Equal(began.Add(time.Minute)) || len(h.attempts()) < 5 {
			t.Errorf("%s since %s after %d attempts, want it to be away since it was lost, a minute after the start", got.State, got.Since.Sub(began), len(h.attempts()))
		}
		h.set(iso.FunctionSignOn, "") // Connected, and not answered.
		away.Store(false)
		time.Sleep(time.Minute)
		if got := r.Status()[0]; got.State == Ready || !got.Since.Equal(began.Add(time.Minute)) {
			t.Errorf("%s since %s, and it was never up again", got.State, got.Since.Sub(began))
		}
		h.set(iso.FunctionSignOn, "00")
		time.Sleep(time.Minute)
		if got := r.Status()[0]; got.State != Ready || got.Since.Before(began.Add(7*time.Minute)) {
			t.Errorf("%s since %s, want signed on a moment ago", got.State, got.Since.Sub(began))
		}
	})
}

// TestSignOnRefused is tried again later on a new connection.
func TestSignOnRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		h.set(iso.FunctionSignOn, "91")
		r := start(t, h, nil, "a")
		if got := r.Status()[0]; got.State != Down || !strings.Contains(got.LastError, "answered 91") {
			t.Errorf("status %+v", got)
		}
		h.set(iso.FunctionSignOn, "00")
		time.Sleep(time.Second)
		if !r.SignedOn() {
			t.Error("the link has not come back")
		}
	})
}

// TestDisable drains, signs off and stays away until Enable.
func TestDisable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		r := start(t, h, nil, "a", "b")
		wires := []*wire{<-h.conns, <-h.conns}
		done := r.exchange(purchase(1), time.Time{})
		w, request := whoGot(t, wires)
		for _, name := range []string{"a", "b"} {
			if err := r.Disable(name); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		expect(t, r.exchange(purchase(2), time.Time{}), ErrNotSent)
		w.trySend(answerTo(request))
		expect(t, done, nil)
		time.Sleep(time.Hour)
		for _, status := range r.Status() {
			if status.State != Disabled || status.Failures != 0 {
				t.Errorf("status %+v", status)
			}
		}
		if got := h.seen(); strings.Count(got, iso.FunctionSignOff) != 2 || len(h.attempts()) != 2 {
			t.Errorf("management messages %s, attempts %v", got, h.attempts())
		}
		if err := r.Enable("a"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if !r.SignedOn() || r.Enable("c") == nil {
			t.Error("enabling works for links that exist")
		}
	})
}

// TestRunEnds refuses new requests, finishes those in flight, signs off, and hands on
// the last events.
func TestRunEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		request := <-w.requests
		ended := make(chan error, 1)
		go func() { ended <- r.stop() }()
		synctest.Wait()
		expect(t, r.exchange(purchase(2), time.Time{}), ErrNotSent)
		w.trySend(answerTo(purchase(9)))
		w.trySend(answerTo(request))
		expect(t, done, nil)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := r.host.seen(); got != "001 002" {
			t.Errorf("management messages %s", got)
		}
		if e := r.next(t); e.Kind != Unmatched {
			t.Errorf("event %v", e.Kind)
		}
		expect(t, r.exchange(purchase(3), time.Time{}), ErrNotSent)
	})
}
