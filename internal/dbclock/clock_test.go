package dbclock

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

var epoch = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const ms = time.Millisecond

// sample is an answer of a database whose clock is ahead of the monotonic one by an offset: asked, done and answered at readings of that.
func sample(offset, asked, done, answered time.Duration) Sample {
	return Sample{Asked: asked, Answered: answered, At: epoch.Add(offset + done).Truncate(time.Microsecond)}
}

// holds reports whether the bounds allow an offset at a time.
func (b bounds) holds(offset time.Duration, now time.Duration) bool {
	b = b.at(now)
	true_ := epoch.UnixNano() + int64(offset)
	return b.low <= true_ && true_ <= b.high
}

// The true offset lies within what an answer says, wherever in the conversation the database looked at its clock.
func TestAnAnswerHoldsTheTruth(t *testing.T) {
	for _, done := range []time.Duration{10 * ms, 11 * ms, 15 * ms, 20 * ms} {
		b := of(sample(time.Hour, 10*ms, done, 20*ms))
		if !b.holds(time.Hour, 20*ms) || b.width() > 10*ms+ms/10 {
			t.Errorf("done at %s: width %s, holds %v", done, b.width(), b.holds(time.Hour, 20*ms))
		}
	}
}

// Answers together leave less room than each alone, and a slow one takes nothing away.
func TestAnswersNarrow(t *testing.T) {
	b := of(sample(0, 0, 0, 10*ms))                   // The database looked as soon as it was asked.
	b, _ = b.meet(of(sample(0, 20*ms, 30*ms, 30*ms))) // It looked when it answered.
	if b.width() > ms || !b.holds(0, 30*ms) {
		t.Errorf("two extremes leave %s", b.width())
	}
	narrow := b
	b, step := b.meet(of(sample(0, 40*ms, 45*ms, 4*time.Second)))
	if step != 0 || b.width() > narrow.width()+10*ms || !b.holds(0, 4*time.Second) {
		t.Errorf("a slow answer left %s of %s, step %s", b.width(), narrow.width(), step)
	}
}

// Without answers less is known: a millisecond in a second, to both sides.
func TestBoundsDriftApart(t *testing.T) {
	b := of(sample(0, 0, 0, 0))
	if w := b.at(time.Minute).width(); w < 120*ms || w > 121*ms {
		t.Errorf("after a minute %s", w)
	}
	if b.at(-time.Second).width() != b.width() {
		t.Error("the past narrows what is known")
	}
}

// An answer that contradicts is believed, by how much at least the clock was set is told, and what was known before is forgotten.
func TestAStepIsAdopted(t *testing.T) {
	for _, by := range []time.Duration{time.Hour, -time.Hour, 30 * ms, -30 * ms} {
		b := of(sample(0, 0, ms, 2*ms))
		b, step := b.meet(of(sample(by, 10*ms, 11*ms, 12*ms)))
		if off := (step - by).Abs(); off > 5*ms || !b.holds(by, 12*ms) || b.holds(0, 12*ms) {
			t.Errorf("set by %s: told %s, holds the new %v, the old %v", by, step, b.holds(by, 12*ms), b.holds(0, 12*ms))
		}
	}
}

// Random conversations with a clock that drifts as it may never contradict, and the truth stays within the bounds.
func TestATrueClockNeverContradicts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		rate := (random.Float64()*2 - 1) / drift * 0.99
		offset := func(at time.Duration) time.Duration { return 3*time.Hour + time.Duration(float64(at)*rate) }
		now := time.Duration(0)
		var known bounds
		for i := range 100 {
			asked := now + time.Duration(random.Int64N(int64(5*time.Second)))
			done := asked + time.Duration(random.Int64N(int64(20*ms)))
			now = done + time.Duration(random.Int64N(int64(20*ms)))
			b := of(sample(offset(done), asked, done, now))
			if i == 0 {
				known = b
				continue
			}
			var step time.Duration
			if known, step = known.meet(b); step != 0 || !known.holds(offset(now), now+precision) {
				t.Fatalf("rate %g, answer %d: step %s, holds %v", rate, i, step, known.holds(offset(now), now))
			}
		}
	}
}

// The reckoned time moves no more than it must, and into the middle after a step.
func TestNowMovesNoMoreThanItMust(t *testing.T) {
	c := &Clock{began: time.Now(), log: slog.New(slog.DiscardHandler)}
	c.known = of(sample(0, 0, 0, 100*ms))
	c.offset.Store(c.known.middle())
	before := c.offset.Load()
	c.Observe(sample(-50*ms, 100*ms, 100*ms, 200*ms)) // Allows what is believed.
	if c.offset.Load() != before {
		t.Errorf("moved by %s without need", time.Duration(c.offset.Load()-before))
	}
	c.Observe(sample(time.Hour, 200*ms, 200*ms, 200*ms))
	if got := time.Duration(c.offset.Load() - epoch.UnixNano()); (got - time.Hour).Abs() > ms {
		t.Errorf("after a step the offset is %s", got)
	}
	if n := c.Read(time.Now()).Steps; n != 1 {
		t.Errorf("%d steps were counted", n)
	}
	c.Observe(sample(time.Hour+100*ms, 200*ms, 200*ms, 200*ms))
	if n := c.Read(time.Now()).Steps; n != 1 {
		t.Error("servers that differ by a tenth of a second raise an alarm")
	}
}

// The database's time is that of the server, whatever the machine's clock says, and the machine's skew is told.
func TestTheTimeIsTheDatabases(t *testing.T) {
	db := testdb.New(t)
	const ahead = 72 * time.Hour // of the machine's clock
	ask := func(ctx context.Context) (time.Time, error) {
		at, err := postgres.Now(ctx, db)
		return at.Add(ahead), err
	}
	c, err := Start(t.Context(), ask, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Ask(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	before := c.Now()
	at, err := ask(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	width := c.Read(time.Now()).Width
	if after := c.Now(); at.Before(before.Add(-width)) || at.After(after.Add(width)) {
		t.Errorf("the database says %s, between %s and %s, give or take %s", at, before, after, width)
	}
	if skew := c.Read(time.Now()).Skew; (skew + ahead).Abs() > time.Second {
		t.Errorf("a machine three days behind is said to be ahead by %s", skew)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ended, ask, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a clock without an answer was started")
	}
}

func BenchmarkNow(b *testing.B) {
	c := &Clock{began: time.Now()}
	for b.Loop() {
		c.Now()
	}
}
