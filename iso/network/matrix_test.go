package network

import (
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// torn is a connection whose write fails when armed, after half of the bytes.
type torn struct {
	net.Conn
	armed *atomic.Bool
}

func (c torn) Write(b []byte) (int, error) {
	if !c.armed.Load() {
		return c.Conn.Write(b)
	}
	n, _ := c.Conn.Write(b[:len(b)/2])
	return n, errors.New("connection reset")
}

// TestC6_WriteErrorAfterPartialWrite: a write that failed was called, so the outcome
// is unknown; and the torn frame is not resumed on the next connection (C2).
func TestC6_WriteErrorAfterPartialWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		var armed atomic.Bool
		h.wrap = func(c net.Conn) net.Conn { return torn{c, &armed} }
		r := start(t, h, nil, "a")
		first := <-h.conns
		armed.Store(true)
		got := expect(t, r.exchange(purchase(1), time.Time{}), ErrNoAnswer)
		if !fault.Is(got.err, fault.Unknown) {
			t.Errorf("kind of %v", got.err)
		}
		armed.Store(false)
		time.Sleep(time.Second)
		second := <-h.conns
		done := r.exchange(purchase(2), time.Time{})
		w, request := whoGot(t, []*wire{first, second})
		if w != second || request.Get(11) != "000002" {
			t.Errorf("the new connection carried %s first", request.Get(11))
		}
		w.trySend(answerTo(request))
		expect(t, done, nil)
	})
}

// TestC2_HalfAnswerThenCut: the network's half frame is dropped and what waited for it
// is unknown.
func TestC2_HalfAnswerThenCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		frame, err := r.host.codec.Append(nil, answerTo(<-w.requests), iso.TPDU{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.write(frame[:len(frame)/2]); err != nil {
			t.Fatal(err)
		}
		_ = w.conn.Close()
		expect(t, done, ErrNoAnswer)
		time.Sleep(time.Second)
		if !r.SignedOn() {
			t.Error("the link has not come back")
		}
	})
}

// TestC4_PeerDead: the bytes are taken and nothing ever comes back. The exchange ends
// unknown at its timer, and echoes tear the link down.
func TestC4_PeerDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		r := start(t, h, func(c *PoolConfig) { c.Links[0].AnswerTimeout = 20 * time.Second }, "a")
		<-h.conns
		h.set(iso.FunctionEcho, "")
		began := time.Now()
		expect(t, r.exchange(purchase(1), time.Time{}), ErrNoAnswer)
		if took := time.Since(began); took != 20*time.Second {
			t.Errorf("it was given up after %v", took)
		}
		waiting := r.exchange(purchase(2), time.Time{})
		time.Sleep(19 * time.Second)
		expect(t, waiting, ErrNoAnswer)
		time.Sleep(62 * time.Second)
		status := r.Status()[0]
		if status.EchoesMissed != 3 || status.Failures != 1 || !strings.Contains(status.LastError, "echoes") {
			t.Errorf("after three echoes without answer: %+v", status)
		}
		if got := h.seen(); !strings.HasPrefix(got, "001 301 301 301 001") {
			t.Errorf("management messages %s", got)
		}
	})
}

// TestC7_NeverResentOnAnotherLink: the link that carried a request flaps; the other
// one never sees it, nor does the first after its reconnect.
func TestC7_NeverResentOnAnotherLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		r := start(t, h, nil, "a", "b")
		wires := []*wire{<-h.conns, <-h.conns}
		done := r.exchange(purchase(1), time.Time{})
		chosen, request := whoGot(t, wires)
		_ = chosen.conn.Close()
		expect(t, done, ErrNoAnswer)
		time.Sleep(5 * time.Second)
		wires = append(wires, <-h.conns)
		for _, w := range wires {
			select {
			case m := <-w.requests:
				if m != nil {
					t.Errorf("%s was sent again", m.Get(11))
				}
			default:
			}
		}
		// Its answer may come on any link, and is late now (D14).
		other := wires[0]
		if chosen == other {
			other = wires[1]
		}
		other.trySend(answerTo(request))
		if e := r.next(t); e.Kind != Late || e.Message.Get(11) != "000001" {
			t.Errorf("event %v", e.Kind)
		}
	})
}

// TestC10_SignOffDrains: after the network's sign-off new requests are refused, those
// in flight are finished, and the link comes back after the longest pause.
func TestC10_SignOffDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		request := <-w.requests
		w.trySend(fromNetwork(iso.FunctionSignOff))
		synctest.Wait()
		if ack := <-w.requests; ack.MTI != iso.MTINetworkAnswer || ack.Get(39) != "00" || ack.Get(70) != iso.FunctionSignOff {
			t.Errorf("the sign-off was answered %v", ack)
		}
		if e := r.next(t); e.Kind != SignedOff {
			t.Errorf("event %v", e.Kind)
		}
		if got := r.Status()[0].State; got != Draining || r.SignedOn() {
			t.Errorf("the link is %v", got)
		}
		expect(t, r.exchange(purchase(2), time.Time{}), ErrNotSent)
		time.Sleep(10 * time.Second)
		w.trySend(answerTo(request))
		expect(t, done, nil)
		synctest.Wait()
		if m, open := <-w.requests; open {
			t.Errorf("after the drain came %s", m.MTI)
		}
		time.Sleep(29 * time.Second)
		if r.SignedOn() {
			t.Error("the network was not left alone")
		}
		time.Sleep(2 * time.Second)
		if !r.SignedOn() {
			t.Error("the link has not come back")
		}
	})
}

// TestD6_DuplicateAnswer, D3 late and D8 unknown: each is an event of its own with
// its message, and none disturbs what waits.
func TestD6_DuplicateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		answer := answerTo(<-w.requests)
		w.trySend(answer)
		expect(t, done, nil)
		for range 2 {
			w.trySend(answer)
			if e := r.next(t); e.Kind != Duplicate || e.Message.Get(11) != "000001" || e.Link != "a" {
				t.Errorf("event %+v", e)
			}
		}
	})
}

// TestD3_LateAnswer is told once as late, then as duplicate.
func TestD3_LateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		done := r.exchange(purchase(1), time.Time{})
		answer := answerTo(<-w.requests)
		time.Sleep(DefaultAnswerTimeout)
		expect(t, done, ErrNoAnswer)
		for _, want := range []EventKind{Late, Duplicate} {
			w.trySend(answer)
			if e := r.next(t); e.Kind != want || e.Message.Get(39) != "00" {
				t.Errorf("event %v, want %v", e.Kind, want)
			}
		}
	})
}

// TestD8_UnknownAnswer is handed on, and so is one whose request has been forgotten.
func TestD8_UnknownAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, func(c *PoolConfig) { c.RememberFor = time.Minute })
		w.trySend(answerTo(purchase(9)))
		if e := r.next(t); e.Kind != Unmatched || e.Message.Get(11) != "000009" {
			t.Errorf("event %+v", e)
		}
		done := r.exchange(purchase(1), time.Time{})
		answer := answerTo(<-w.requests)
		w.trySend(answer)
		expect(t, done, nil)
		time.Sleep(2 * time.Minute)
		w.trySend(answer)
		if e := r.next(t); e.Kind != Unmatched {
			t.Errorf("a forgotten request's answer is a %v", e.Kind)
		}
		if counts, lost := r.EventCounts(); counts[Unmatched] != 2 || lost != 0 {
			t.Errorf("counts %v, lost %d", counts, lost)
		}
	})
}

// TestD10_UntrustedAnswer: malformed or with a wrong MAC, the request goes on waiting;
// a true answer still counts, and without one it ends as untrusted at the timer.
func TestD10_UntrustedAnswer(t *testing.T) {
	key, err := mac.ParseKey("2B7E151628AED2A6ABF7158809CF4F3C")
	if err != nil {
		t.Fatal(err)
	}
	code, err := mac.New(mac.AESCMAC, key)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		h.codec.MAC = code
		r := start(t, h, nil, "a")
		w := <-h.conns
		for name, spoil := range map[string]func(request *iso.Message){
			"missing field":   func(m *iso.Message) { a := answerTo(m); a.Unset(39); w.trySend(a) },
			"other currency":  func(m *iso.Message) { a := answerTo(m); a.Set(49, "840"); w.trySend(a) },
			"no MAC":          func(m *iso.Message) { w.raw(answerTo(m), nil) },
			"changed amount":  func(m *iso.Message) { w.raw(answerTo(m), []byte("000001476112")) },
			"unreadable body": func(m *iso.Message) { w.raw(answerTo(m), []byte("16603799")) },
		} {
			for _, truth := range []bool{true, false} {
				done := r.exchange(purchase(1), time.Time{})
				request := <-w.requests
				spoil(request)
				if e := r.next(t); e.Kind != Untrusted || e.Message == nil || e.Err == nil {
					t.Errorf("%s: event %+v", name, e)
				}
				if truth {
					w.trySend(answerTo(request))
					expect(t, done, nil)
					continue
				}
				time.Sleep(DefaultAnswerTimeout)
				want := ErrUntrusted
				if name == "unreadable body" {
					want = ErrNoAnswer // It cannot even be told whose answer it was.
				}
				expect(t, done, want)
			}
		}
	})
}

// raw sends an answer without MAC if change is nil, or else with the last digit of the
// first occurrence of change altered after sealing.
func (w *wire) raw(m *iso.Message, change []byte) {
	codec := w.host.codec
	if change == nil {
		codec.MAC = nil
	}
	frame, err := codec.Append(nil, m, iso.TPDU{})
	if err != nil {
		w.host.t.Error(err)
		return
	}
	if i := strings.Index(string(frame), string(change)); change != nil && i >= 0 {
		frame[i+1] ^= 0x0F
	}
	_ = w.write(frame)
}
