package recorder

import (
	"testing"
	"time"

	"treasury-switch/switch/payment"
)

// A lane that leaves new payments behind knows how long they have waited, and takes everything else before them.
func TestALaneTakesWhatIsHalfDoneFirst(t *testing.T) {
	now := time.Minute
	l := &lane{
		intents: make(chan *Entry, 3*groupLimit), others: make(chan *Entry, groupLimit), steady: func() time.Duration { return now },
	}
	add := func(n int, fresh bool) {
		for i := range n {
			e := &Entry{queuedAt: now - time.Second}
			e.Plan.New, e.Plan.Payment.Intent = fresh, &payment.Intent{Key: payment.Key{Agency: 1, ID: [16]byte{byte(i), byte(i >> 8), byte(n)}}}
			if fresh {
				l.intents <- e
			} else {
				l.others <- e
			}
		}
	}
	add(groupLimit+100, true)
	add(200, false)
	g := l.collect(nil)
	others := 0
	for _, e := range g.entries {
		if !e.Plan.New {
			others++
		}
	}
	if len(g.entries) != groupLimit || others != 200 {
		t.Errorf("a group of %d with %d that are half done, want %d with 200", len(g.entries), others, groupLimit)
	}
	l.busy.Store(1)
	if w := l.wait(); w < time.Second {
		t.Errorf("those who were left behind have waited %v, want a second at least", w)
	}
	if l.collect(nil); l.wait() != 0 {
		t.Errorf("nobody is left behind, and yet somebody has waited %v", l.wait())
	}
}

// New payments that no group has room for have waited since they came, however many groups passed them by.
func TestALaneKnowsWhomItPassesBy(t *testing.T) {
	now := time.Minute
	l := &lane{intents: make(chan *Entry, 1), others: make(chan *Entry, groupLimit), steady: func() time.Duration { return now }, patience: time.Second}
	l.busy.Store(1)
	for i := range 5 {
		for n := range groupLimit {
			e := &Entry{queuedAt: now}
			e.Plan.Payment.Intent = &payment.Intent{Key: payment.Key{Agency: 1, ID: [16]byte{byte(n), byte(n >> 8)}}}
			l.others <- e
		}
		if i == 0 {
			l.collect(nil)
			l.intents <- &Entry{queuedAt: now}
			continue
		}
		l.collect(nil)
		now += 400 * time.Millisecond
	}
	if w := l.wait(); w != 1600*time.Millisecond || !l.late() {
		t.Errorf("who was passed by four times has waited %v, want 1.6s, and new payments are late", w)
	}
}

// A burst may wait for the patience; in a standing queue half of it is too long, until the queue has been short for standingTime.
func TestStandingQueue(t *testing.T) {
	const target, step = 100 * time.Millisecond, 100 * time.Millisecond
	var s standingQueue
	at := time.Minute
	pass := func(d, waited time.Duration) {
		for end := at + d; at < end; at += step {
			s.note(at, waited, target)
		}
	}
	for _, one := range []struct {
		name     string
		length   time.Duration
		waited   time.Duration
		standing bool
	}{
		{"calm", 5 * time.Second, target - 1, false},
		{"burst", standingTime - step, time.Second, false},
		{"calm again", 2 * standingTime, 0, false},
		{"long", standingTime + 2*step, target, true},
		{"short for a moment", standingTime / 2, 0, true},
		{"long again", step, target, true},
		{"short", standingTime + 2*step, 0, false},
		{"burst after it", standingTime / 2, target, false},
	} {
		if pass(one.length, one.waited); s.persists(at) != one.standing {
			t.Errorf("%s: the queue is standing: %v, want %v", one.name, !one.standing, one.standing)
		}
	}
}

// How long a new payment will wait is known from those before it as soon as a queue is kept full, and not a moment longer.
func TestPaceOfAQueueThatIsKeptFull(t *testing.T) {
	var p pace
	at := time.Minute
	group := func(took time.Duration, fresh int, left bool) {
		at += took
		p.note(at, fresh, left)
	}
	for range 3 {
		group(50*time.Millisecond, 400, false)
	}
	if w := p.of(1000); w != 0 {
		t.Errorf("a queue that becomes empty: %v", w)
	}
	group(50*time.Millisecond, 100, true)
	group(50*time.Millisecond, 0, true) // Only others had room.
	group(50*time.Millisecond, 100, true)
	if w := p.of(1000); w != time.Second {
		t.Errorf("a hundred left in a tenth of a second, so a thousand wait %v", w)
	}
	group(20*time.Millisecond, 100, true)
	if w := p.of(1000); w != 800*time.Millisecond {
		t.Errorf("five times as fast for one group: a thousand wait %v, want a fourth less of the difference", w)
	}
	group(20*time.Millisecond, 0, false)
	if w := p.of(1000); w != 0 {
		t.Errorf("an empty queue: %v", w)
	}
}
