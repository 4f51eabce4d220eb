package network

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
	"treasury-switch/security/mac"
)

// inFlight is an exchange of its own that the table knows.
func inFlight(t *testing.T, tab *table, stan int, stage int32) *exchange {
	t.Helper()
	key, whole := KeyOf(purchase(stan))
	x := &exchange{key: key, request: purchase(stan), waiter: &waiter{done: make(chan result, 1)}}
	x.stage.Store(stage)
	if !whole || !tab.add(x) {
		t.Fatal("it has no key of its own")
	}
	return x
}

// TestAnEndedRequestTakesNobodyElseOut: who gave up late ends neither a repeat that has the same key nor one that is answered.
func TestAnEndedRequestTakesNobodyElseOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(9, time.Minute)
		first := inFlight(t, tab, 1, sent)
		tab.answer(first.key, answerTo(first.request))
		if tab.expire(first) || tab.remove(first) {
			t.Error("an answered request was ended once more")
		}
		again := inFlight(t, tab, 1, sent)
		if tab.expire(first) || tab.remove(first) {
			t.Error("an ended request took its repeat out")
		}
		if e := tab.answer(again.key, answerTo(again.request)); e.Kind != 0 || len(again.done) != 1 {
			t.Errorf("the answer to the repeat is a %v", e.Kind)
		}
		unsent := inFlight(t, tab, 2, queued)
		if !tab.remove(unsent) || tab.remove(unsent) || tab.expire(unsent) {
			t.Error("a request that was not sent is taken out once")
		}
		if e := tab.answer(unsent.key, answerTo(unsent.request)); e.Kind != Unmatched {
			t.Errorf("an answer to what was not sent is a %v", e.Kind)
		}
		inFlight(t, tab, 2, queued) // Its key is free.
	})
}

// TestAnswerToARepeatThatIsNotSentYet is somebody else's, and the repeat goes on waiting.
func TestAnswerToARepeatThatIsNotSentYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tab := newTable(9, time.Minute)
		tab.expire(inFlight(t, tab, 2, sent))
		tab.expire(inFlight(t, tab, 1, sent))
		again := inFlight(t, tab, 1, queued)
		if e := tab.answer(again.key, answerTo(again.request)); e.Kind != Unmatched || len(again.done) != 0 {
			t.Errorf("before it was sent the answer is a %v", e.Kind)
		}
		again.stage.Store(sent)
		if e := tab.answer(again.key, answerTo(again.request)); e.Kind != 0 || len(again.done) != 1 {
			t.Errorf("after it was sent the answer is a %v", e.Kind)
		}
	})
}

// TestGivenUpIsNotWritten: what its caller has given up leaves neither bytes nor a second outcome.
func TestGivenUpIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := single(t, nil)
		s := r.links[0].session
		before := r.Status()[0].Sent
		for stan, limit := range map[int]time.Time{1: {}, 2: time.Now().Add(time.Hour), 3: time.Now()} {
			x := inFlight(t, r.table, stan, abandoned)
			x.sendBefore = limit
			if s.begin(x) || len(x.done) != 0 {
				t.Errorf("sent until %v: it was sent, or has %d outcomes", limit, len(x.done))
			}
		}
		late := inFlight(t, r.table, 4, queued)
		late.sendBefore = time.Now()
		if s.begin(late) || len(late.done) != 1 || late.stage.Load() != abandoned || r.table.remove(late) {
			t.Error("a request whose time has passed is not ended, or still in the table")
		}
		if got := r.Status()[0].Sent; got != before {
			t.Errorf("%d were counted as sent", got-before)
		}
	})
}

// TestRequestsAreCounted by how they ended, each once.
func TestRequestsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, func(c *PoolConfig) { c.Links[0].AnswerTimeout = 10 * time.Second })
		before := r.Status()[0]
		answered := r.exchange(purchase(1), time.Time{})
		w.trySend(answerTo(<-w.requests))
		expect(t, answered, nil)
		lost := r.exchange(purchase(2), time.Time{})
		expect(t, r.exchange(purchase(2), time.Time{}), ErrDuplicate)
		if got := expect(t, lost, ErrNoAnswer); !strings.Contains(got.err.Error(), "none within 10s") {
			t.Errorf("it tells why: %v", got.err)
		}
		if got := expect(t, r.exchange(purchase(3), time.Now()), ErrNotSent); !strings.Contains(got.err.Error(), "its time to be sent has passed") {
			t.Errorf("it tells why: %v", got.err)
		}
		unfit := purchase(4)
		unfit.Set(4, "x")
		expect(t, r.exchange(unfit, time.Time{}), ErrNotSent)
		got := r.Status()[0]
		if got.Sent-before.Sent != 2 || got.Answered != 1 || got.Unanswered != 1 || got.NotSent != 3 || got.InFlight != 0 {
			t.Errorf("counted %+v, want 2 sent, 1 answered, 1 unanswered, 3 not sent", got)
		}
	})
}

// TestKeyOf wants a STAN and a time of the standard's length, and takes a short terminal as it is padded on the wire.
func TestKeyOf(t *testing.T) {
	padded, short, absent := purchase(1), purchase(1), purchase(1)
	padded.Set(41, "1010    ")
	short.Set(41, "1010")
	absent.Unset(41)
	a, _ := KeyOf(padded)
	b, whole := KeyOf(short)
	c, _ := KeyOf(absent)
	if !whole || a != b || a == c || !strings.Contains(c.String(), "terminal          at") {
		t.Errorf("%v, %v, %v", a, b, c)
	}
	for f, values := range map[int][]string{7: {"", "112108450", "11210845000"}, 11: {"", "00001", "0000001"}, 41: {"101000012"}} {
		for _, v := range values {
			m := purchase(1)
			m.Set(f, v)
			if k, whole := KeyOf(m); whole || k != (Key{}) {
				t.Errorf("F%d %q gives the key %v", f, v, k)
			}
		}
	}
}

// TestEndings come out in the order in which they went in, however often the ring goes round and grows.
func TestEndings(t *testing.T) {
	var e endings
	var want []uint64
	serial := uint64(0)
	for round := range 12 {
		for range 30 + 20*round {
			serial++
			e.push(ending{serial: serial})
			want = append(want, serial)
		}
		for range 25 + 10*round {
			if got := e.oldest().serial; got != want[0] {
				t.Fatalf("round %d: %d comes first, want %d", round, got, want[0])
			}
			e.drop()
			want = want[1:]
		}
		if e.len() != len(want) {
			t.Fatalf("round %d: %d, want %d", round, e.len(), len(want))
		}
	}
}

// TestBackoff doubles from round to round up to its most, and never waits for less than half of that.
func TestBackoff(t *testing.T) {
	for name, random := range map[string]func(int64) int64{"least": func(int64) int64 { return 0 }, "most": func(n int64) int64 { return n - 1 }} {
		l := &link{pool: &Pool{config: PoolConfig{Random: random}}, config: Config{BackoffFirst: 2 * time.Second, BackoffMost: 9 * time.Second}}
		var got []time.Duration
		for rounds := range 6 {
			got = append(got, l.backoff(rounds))
		}
		want := []time.Duration{2, 2, 4, 8, 9, 9}
		for i := range want {
			want[i] *= time.Second
			if name == "least" {
				want[i] /= 2
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestMalformedRequestsOfTheNetwork get 30 from the link, unless they are reversals: those are handed on, for they are about money.
func TestMalformedRequestsOfTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		spoilt := func(mti iso.MTI) *iso.Message {
			m := purchase(900)
			m.MTI = mti
			m.Set(13, "0000")
			m.Set(90, "0200"+"000018"+"1121084507"+strings.Repeat("0", 22))
			return m
		}
		for _, mti := range []iso.MTI{iso.MTIPurchase, iso.MTITotals, iso.MTINetwork} {
			w.trySend(spoilt(mti))
			if answer := <-w.requests; answer.MTI != mti.Answer() || answer.Get(39) != "30" {
				t.Errorf("%s is answered %s", mti, answer)
			}
		}
		w.trySend(spoilt(iso.MTIReversalAdvice))
		if e := r.next(t); e.Kind != Unserved || e.Message.MTI != iso.MTIReversalAdvice || e.Err == nil || !e.At.Equal(time.Now()) {
			t.Errorf("event %+v", e)
		}
	})
}

// TestManagementIsAnsweredToItsSender: F100 names who sent it, or else the network that was agreed on.
func TestManagementIsAnsweredToItsSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, w := single(t, nil)
		for from, want := range map[string]string{"603799": "603799", "": "581672000"} {
			m := fromNetwork(iso.FunctionEcho)
			m.Set(33, from)
			if from == "" {
				m.Unset(33)
			}
			w.trySend(m)
			if answer := <-w.requests; answer.Get(100) != want {
				t.Errorf("from %q it is answered to %q, want %q", from, answer.Get(100), want)
			}
		}
	})
}

// TestRequestWithAWrongMAC is not served: nobody knows who sent it.
func TestRequestWithAWrongMAC(t *testing.T) {
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
		w.raw(fromNetwork(iso.FunctionSignOff), []byte("700001"))
		if e := r.next(t); e.Kind != Untrusted || !errors.Is(e.Err, mac.ErrMismatch) || r.Status()[0].State != Ready {
			t.Errorf("event %+v, the link is %s", e, r.Status()[0].State)
		}
	})
}

// TestAnotherLinkIsAsked while a request has not been queued on one: a link that is full or out of service costs nothing. If all refuse, each
// says why.
func TestAnotherLinkIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		r := start(t, h, func(c *PoolConfig) {
			for i := range c.Links {
				c.Links[i].MaxInFlight = 1
			}
		}, "a", "b")
		wires := []*wire{<-h.conns, <-h.conns}
		for range 4 { // Whichever link begins.
			first, second := r.exchange(purchase(1), time.Time{}), r.exchange(purchase(2), time.Time{})
			got := expect(t, r.exchange(purchase(3), time.Time{}), ErrNotSent)
			if strings.Count(got.err.Error(), "1 requests are in flight") != 2 {
				t.Errorf("both links say why: %v", got.err)
			}
			for _, w := range wires {
				w.trySend(answerTo(<-w.requests))
			}
			expect(t, first, nil)
			expect(t, second, nil)
		}
		if err := r.Disable("a"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for range 4 {
			done := r.exchange(purchase(4), time.Time{})
			w, request := whoGot(t, wires)
			w.trySend(answerTo(request))
			expect(t, done, nil)
		}
		if err := r.Disable("b"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := expect(t, r.exchange(purchase(5), time.Time{}), ErrNotSent); strings.Count(got.err.Error(), "it is disabled") != 2 {
			t.Errorf("both links say why: %v", got.err)
		}
	})
}

// TestDrainEndsWithTheLastAnswer, or at once where nothing is in flight: a sign-off waits for nobody else.
func TestDrainEndsWithTheLastAnswer(t *testing.T) {
	for name, answers := range map[string]time.Duration{"nothing in flight": 0, "one in flight": 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			r, w := single(t, func(c *PoolConfig) { c.Links[0].DrainTimeout = time.Minute })
			if answers > 0 {
				r.exchange(purchase(1), time.Time{})
				request := <-w.requests
				time.AfterFunc(answers, func() { w.trySend(answerTo(request)) })
			}
			began := time.Now()
			if err := r.Disable("a"); err != nil {
				t.Fatal(err)
			}
			for range w.requests { // Until the connection is closed.
			}
			if took := time.Since(began); took != answers {
				t.Errorf("%s: closed after %v, want %v", name, took, answers)
			}
			synctest.Wait()
			if got := r.Status()[0]; got.State != Disabled || got.Failures != 0 {
				t.Errorf("%s: %+v", name, got)
			}
		})
	}
}

// TestLinkThatCannotConnect counts and tells each attempt, with its address and why.
func TestLinkThatCannotConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t)
		h.refuse = func(string) error { return errors.New("connection refused") }
		r := start(t, h, nil, "a")
		got := r.Status()[0]
		if got.State != Down || got.Connects != 0 || got.Failures != 1 || got.Address != "a:1" || !strings.Contains(got.LastError, "connecting to a:1: connection refused") {
			t.Errorf("%+v", got)
		}
		select {
		case e := <-r.events:
			if e.Kind != LinkDown || e.Link != "a" || e.Err == nil || !e.At.Equal(time.Now()) {
				t.Errorf("event %+v", e)
			}
		default:
			t.Error("it was not told")
		}
		if !strings.Contains(r.log.String(), "network link is down") {
			t.Errorf("the log says %s", r.log)
		}
		time.Sleep(time.Hour)
		if more := r.Status()[0]; more.Failures != uint64(len(h.attempts())) || more.Failures < 10 || more.Since != got.Since {
			t.Errorf("after an hour of %d attempts: %+v", len(h.attempts()), more)
		}
	})
}
