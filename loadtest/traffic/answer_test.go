package traffic

import (
	"slices"
	"testing"
	"time"

	"treasury-switch/internal/threeway"
	"treasury-switch/iso"
	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/wire"
)

// newRun is a run of one terminal on one connection that is not up.
func newRun(t *testing.T) (*Run, *line, *measure.Window) {
	t.Helper()
	f, err := NewFleet([]Till{{ID: "10130000", Agency: 101}}, []Offer{{Agency: 101, Private: "SVC008PASSPORT", Price: 100}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	w := measure.NewWindow("steady", 0, time.Hour)
	r := &Run{plan: Plan{Connections: 1, Repeats: 2, Reversals: 3, Pause: time.Second, Wait: 10 * time.Second, MaxInFlight: 10},
		fleet: f, seen: measure.NewRecorder(w), lines: []*line{newLine()}, began: time.Now(), stamp: wire.At(1_795_000_000)}
	return r, r.lines[0], w
}

// packed is an answer as the switch sends it.
func packed(t *testing.T, r *Run, x *exchange, mti iso.MTI, code string) []byte {
	t.Helper()
	m := &iso.Message{MTI: mti}
	for field, value := range map[int]string{3: "000000", 4: "000000000100", 7: "1124120000", 11: "000000", 12: "120000", 13: "1124", 15: "1124",
		37: "523600000001", 39: code, 41: "10130000", 42: "000000000000101", 49: "364"} {
		m.Set(field, value)
	}
	m.Set(11, string([]byte{'0' + byte(x.stan/100000%10), '0' + byte(x.stan/10000%10), '0' + byte(x.stan/1000%10), '0' + byte(x.stan/100%10),
		'0' + byte(x.stan/10%10), '0' + byte(x.stan%10)}))
	payload, err := iso.TerminalDialect().Pack(nil, m)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

// purchase puts a purchase in flight.
func (r *Run) purchase(t *testing.T, l *line, card uint32, then then) exchange {
	t.Helper()
	x := exchange{kind: measure.Purchase, stan: r.fleet.tills[0].trace(), card: card, then: then, sent: true}
	var room bool
	if x.record, room = r.fleet.Told.add(record{till: 10_130_000, stan: x.stan, local: uint32(r.stamp.Unix())}); !room {
		t.Fatal("no room")
	}
	r.serial++
	x.serial = r.serial
	l.pending[key(10_130_000, x.stan)] = x
	r.inFlight.Add(1)
	return x
}

// TestAnswersAreJudged has a row for everything that an answer to a purchase can count as.
func TestAnswersAreJudged(t *testing.T) {
	const bad = goodCards // The first of the declined cards is declined with 51.
	for _, c := range []struct {
		name     string
		card     uint32
		then     then
		code     string
		answered int64
		shed     int64
		wrong    int64
		next     int // exchanges that follow
		told     iso.Code
	}{
		{"approved", 0, nothing, "00", 1, 0, 0, 0, "00"},
		{"approved, and sent again later", 0, repeats, "00", 1, 0, 0, 1, "00"},
		{"approved, and taken back later", 0, reverses, "00", 1, 0, 0, 1, "00"},
		{"declined as it must be", bad, nothing, "51", 1, 0, 0, 0, "51"},
		{"declined, so there is nothing to take back", bad, reverses, "51", 1, 0, 0, 0, "51"},
		{"a card that the network answers 91", bad + 4, nothing, "91", 1, 0, 0, 0, "91"},
		{"shed", 0, reverses, "91", 0, 1, 0, 0, "91"},
		{"a bad card is approved", bad, nothing, "00", 0, 0, 1, 0, "00"},
		{"an outcome that nobody knows", 0, nothing, "68", 0, 0, 1, 0, "68"},
		{"still in progress", 0, nothing, "09", 0, 0, 0, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, l, w := newRun(t)
			x := r.purchase(t, l, c.card, c.then)
			r.answer(l, packed(t, r, &x, iso.MTIPurchaseAnswer, c.code))
			if w.Answered != c.answered || w.Shed != c.shed || w.Errors[measure.WrongCode] != c.wrong {
				t.Errorf("counted %d answered, %d shed, %d wrong", w.Answered, w.Shed, w.Errors[measure.WrongCode])
			}
			if len(l.answered) != c.next || r.InFlight() != 0 || len(l.pending) != 0 {
				t.Errorf("%d exchanges follow, %d in flight, %d pending", len(l.answered), r.InFlight(), len(l.pending))
			}
			told := slices.Collect(r.fleet.Told.All)
			var code iso.Code
			for _, one := range told {
				for _, w := range one.Words {
					code = w.Code
				}
			}
			if len(told) != 1 || code != c.told || told[0].Amount != 100 || told[0].Terminal != "10130000" {
				t.Errorf("the terminal knows %+v", told)
			}
			r.answer(l, packed(t, r, &x, iso.MTIPurchaseAnswer, c.code))
			if r.strangers.Load() != 1 {
				t.Error("a second answer to the same message was not passed over")
			}
		})
	}
}

// TestSilenceIsRepeatedThenReversed lets a purchase go unanswered: two repeats, then the reversal until patience ends.
func TestSilenceIsRepeatedThenReversed(t *testing.T) {
	r, l, w := newRun(t)
	x := r.purchase(t, l, 0, nothing)
	l.deadlines = append(l.deadlines, deadline{at: r.plan.Wait, key: key(10_130_000, x.stan), serial: x.serial})
	var kinds []measure.Kind
	r.now = r.plan.Wait
	r.expire(l)
	for r.retries.len() > 0 && len(kinds) < 20 {
		r.now += r.plan.Pause
		next, ready := r.retries.pop(r.now)
		if !ready {
			t.Fatal("what waits is not ready after the pause")
		}
		kinds = append(kinds, next.kind)
		next.sent = true
		r.missed(next, measure.NoAnswer)
	}
	want := []measure.Kind{measure.Purchase, measure.Purchase, measure.Reversal, measure.Reversal, measure.Reversal}
	if !slices.Equal(kinds, want) {
		t.Errorf("sent %v, want %v", kinds, want)
	}
	if w.Errors[measure.NoAnswer] != 2 || w.ErrorsOf[measure.Purchase] != 1 || w.ErrorsOf[measure.Reversal] != 1 {
		t.Errorf("counted %v of %v: want one for the purchase and one for its reversal", w.Errors, w.ErrorsOf)
	}
}

// TestAcceptedReversalIsKnown ends a reversal, and holds what the comparison is told.
func TestAcceptedReversalIsKnown(t *testing.T) {
	r, l, _ := newRun(t)
	x := r.purchase(t, l, 0, reverses)
	r.answer(l, packed(t, r, &x, iso.MTIPurchaseAnswer, "00"))
	r.collect(l)
	r.now += time.Minute
	back, ready := r.life.pop(r.now)
	if !ready || back.kind != measure.Reversal || back.stan != 0 {
		t.Fatalf("after the approval comes %+v", back)
	}
	back.stan, back.sent = r.fleet.tills[0].trace(), true
	_ = r.pack(nil, &back, &r.fleet.tills[0], false) // It notes that a reversal was sent.
	l.pending[key(10_130_000, back.stan)] = back
	r.answer(l, packed(t, r, &back, iso.MTIReversalAnswer, "00"))
	told := slices.Collect(r.fleet.Told.All)
	want := []threeway.Word{{MTI: iso.MTIPurchase, Code: "00"}, {MTI: iso.MTIReversalAdvice, Code: "00", Sent: 1, Heard: 1}}
	if told[0].Amount != 100 || !slices.Equal(told[0].Words, want) {
		t.Errorf("the terminal knows %+v, want %+v", told[0], want)
	}
}

// TestBrokenConnection hands back what was in flight, and nothing of an earlier connection's bytes reaches the next one.
func TestBrokenConnection(t *testing.T) {
	r, l, w := newRun(t)
	r.purchase(t, l, 0, nothing)
	l.out = append(l.out, "half a message"...)
	l.close()
	r.collect(l)
	if w.Errors[measure.Connection] != 1 || r.retries.len() != 1 || r.InFlight() != 0 {
		t.Errorf("%d errors, %d to be sent again, %d in flight", w.Errors[measure.Connection], r.retries.len(), r.InFlight())
	}
	l.serial++ // Another connection is up.
	l.current()
	if len(l.out) != 0 {
		t.Errorf("%q is left for the next connection", l.out)
	}
}

// TestCardsAreNone makes sure that no good card is one of the sandbox's special ones.
func TestCardsAreNone(t *testing.T) {
	all, err := cards()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.digits] {
			t.Fatal("a card is there twice")
		}
		seen[c.digits] = true
	}
}
