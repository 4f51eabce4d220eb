package network

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
)

// TestDifferences: what makes an answer another request's, and what does not.
func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		said map[int]string // "" removes a field
		want string
	}{
		"as it was asked":                       {nil, ""},
		"F7":                                    {map[int]string{7: "0101000000"}, "F7"},
		"F7 missing":                            {map[int]string{7: ""}, "F7"},
		"F11 one higher":                        {map[int]string{11: "000002"}, "F11"},
		"F41":                                   {map[int]string{41: "10200099"}, "F41"},
		"F41 missing":                           {map[int]string{41: ""}, "F41"},
		"F32":                                   {map[int]string{32: "581672042"}, "F32"},
		"F32 with zeros":                        {map[int]string{32: "00581672041"}, ""},
		"F32 missing":                           {map[int]string{32: ""}, ""},
		"F37":                                   {map[int]string{37: "000000000002"}, "F37"},
		"F37 with spaces":                       {map[int]string{37: "1           "}, ""},
		"F37 filled":                            {map[int]string{37: "            "}, ""},
		"F37 with letters":                      {map[int]string{37: "00000000000A"}, "F37"},
		"F42":                                   {map[int]string{42: "000000000000102"}, "F42"},
		"F42 with spaces":                       {map[int]string{42: "101            "}, ""},
		"F3, another account":                   {map[int]string{3: "003000"}, ""},
		"F3, another kind":                      {map[int]string{3: "200000"}, "F3"},
		"F2":                                    {map[int]string{2: "6037990000000022"}, "F2"},
		"F2, masked":                            {map[int]string{2: "6037991111110014"}, ""},
		"F2, another issuer":                    {map[int]string{2: "6104330000000014"}, "F2"},
		"F2 missing":                            {map[int]string{2: ""}, ""},
		"F4 and F49 are not looked at":          {map[int]string{4: "000000000001", 49: "840"}, ""},
		"the only answer in the fault's report": {map[int]string{41: "10200099", 11: "000777", 4: "000000000001", 2: "6104330000000516"}, "F2 F11 F41"},
	} {
		answer := answerTo(purchase(1))
		for f, v := range c.said {
			answer.Set(f, v)
			if v == "" {
				answer.Unset(f)
			}
		}
		if got := Differences(purchase(1), answer); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	reversal := answerTo(purchase(1))
	reversal.MTI = iso.MTIReversalAdviceAnswer
	if got := Differences(purchase(1), reversal); got != "MTI" {
		t.Errorf("another class: %q", got)
	}
}

// TestDifferencesFromAnOddRequest: what a request leaves out, or has in a form that is none, contradicts by the same rules.
func TestDifferencesFromAnOddRequest(t *testing.T) {
	for _, c := range []struct {
		field             int
		asked, said, want string
	}{
		{37, "            ", "000000000002", ""}, {37, "", "000000000002", ""}, {42, "", "000000000000102", ""}, {2, "", "6037990000000022", ""},
		{3, "2", "20", "F3"}, {3, "20", "20", ""}, {3, "20", "200000", ""}, {3, "20", "2", "F3"},
		{2, "6037990014", "6037991111110014", ""}, {2, "603799014", "6037990000009014", "F2"}, {2, "6037990000009014", "603799014", "F2"},
		{2, "6037991111110014", "6037990014", ""}, {2, "603799014", "603799014", ""}, {37, "A", "A", ""},
	} {
		request, answer := purchase(1), answerTo(purchase(1))
		request.Set(c.field, c.asked)
		answer.Set(c.field, c.said)
		if got := Differences(request, answer); got != c.want {
			t.Errorf("F%d %q and %q: %q, want %q", c.field, c.asked, c.said, got, c.want)
		}
	}
}

// TestD17_ContradictingAnswer: an answer that has the key of a request and names another
// card, payment, acceptor or acquirer does not answer it. It is told, and the request's
// own answer still counts; without one the outcome is untrusted. The same holds for
// reversals and for a request that waits on another link.
func TestD17_ContradictingAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		for field, value := range map[int]string{2: "6104330000000516", 3: "200000", 32: "581672042", 37: "000000000002", 42: "000000000000102"} {
			for _, mti := range []iso.MTI{iso.MTIPurchase, iso.MTIReversalAdvice} {
				for _, truth := range []bool{true, false} {
					request := purchase(1)
					request.MTI = mti
					done := r.exchange(request, time.Time{})
					<-w.requests
					lie := answerTo(request)
					lie.Set(field, value)
					w.trySend(lie)
					e := r.next(t)
					if e.Kind != Contradicts || e.Message.Get(field) != value || e.Request != request || !strings.HasPrefix(e.Differs, "F") {
						t.Errorf("F%d: event %+v", field, e)
					}
					if truth {
						w.trySend(answerTo(request))
						if got := expect(t, done, nil); got.answer.Get(field) == value {
							t.Errorf("F%d: the lie was the answer", field)
						}
						continue
					}
					time.Sleep(DefaultAnswerTimeout)
					expect(t, done, ErrUntrusted)
				}
			}
		}
		if counts, _ := r.EventCounts(); counts[Contradicts] != 20 {
			t.Errorf("counted %v", counts)
		}
	})
}

// TestD16_OtherKey: an answer with another key answers nothing here, even if all else
// fits, and the request goes on waiting.
func TestD16_OtherKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		for field, value := range map[int]string{7: "0101000000", 11: "000002", 41: "10200099"} {
			done := r.exchange(purchase(1), time.Time{})
			request := <-w.requests
			lie := answerTo(request)
			lie.Set(field, value)
			w.trySend(lie)
			if e := r.next(t); e.Kind != Unmatched {
				t.Errorf("F%d: event %v", field, e.Kind)
			}
			w.trySend(answerTo(request))
			expect(t, done, nil)
		}
	})
}

// TestContradictionOfATwin: of two requests whose STANs follow each other, the answer to
// the one with the other's STAN answers neither.
func TestContradictionOfATwin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := single(t, nil)
		first, second := purchase(1), purchase(2)
		second.Set(37, "000000000002")
		one, two := r.exchange(first, time.Time{}), r.exchange(second, time.Time{})
		<-w.requests
		<-w.requests
		lie := answerTo(first)
		lie.Set(11, "000002")
		w.trySend(lie)
		if e := r.next(t); e.Kind != Contradicts || e.Differs != "F37" || e.Request != second {
			t.Errorf("event %+v", e)
		}
		for i, done := range []<-chan outcome{two, one} {
			w.trySend(answerTo([]*iso.Message{second, first}[i]))
			expect(t, done, nil)
		}
	})
}

// BenchmarkDifferences is what an answer costs more than its key.
func BenchmarkDifferences(b *testing.B) {
	request := purchase(1)
	answer := answerTo(request)
	b.ReportAllocs()
	for b.Loop() {
		if Differences(request, answer) != "" {
			b.Fatal("they differ")
		}
	}
}
