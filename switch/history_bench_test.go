package switching

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"treasury-switch/switch/payment"
)

// What looks into the history, over a day of 1.5 million payments and 300,000 cases. Writing it takes a few minutes.
func BenchmarkHistory(b *testing.B) {
	r := rigOf(b)
	r.Switch.Log = slog.New(slog.DiscardHandler)
	longPast.write(b, r.owner)
	day, store := longPast.day, NewStore(r.db)
	begins, ends := day.Begins(), day.Add(1).Begins()
	nothing := func(time.Time, time.Time) error { return nil }

	b.Run("count cases", func(b *testing.B) {
		for b.Loop() {
			if open, _, err := store.openCases(b.Context()); err != nil || open != longPast.open {
				b.Fatalf("%d open, %v", open, err)
			}
		}
	})
	b.Run("search a day", func(b *testing.B) {
		for b.Loop() {
			r.must(stretches(b.Context(), begins, ends, 0, func(from, to time.Time) error {
				found, err := store.withoutOutcome(b.Context(), from, to)
				if len(found) > 0 {
					err = fmt.Errorf("%d payments without an outcome", len(found))
				}
				return err
			}, nothing))
		}
	})
	b.Run("card key of a day", func(b *testing.B) {
		for b.Loop() {
			r.must(stretches(b.Context(), begins, ends, 0, func(from, to time.Time) error { return store.needsKey(b.Context(), day, from, to) }, nothing))
		}
	})
	b.Run("card key awaited", func(b *testing.B) {
		for b.Loop() {
			if awaited, err := store.keyAwaited(b.Context(), day); err != nil || awaited {
				b.Fatalf("awaited %v, %v", awaited, err)
			}
		}
	})
	b.Run("recover 10,000 in doubt", r.recoverInDoubt)
}

// The same where there is no history, to tell what the history adds.
func BenchmarkRecovery(b *testing.B) {
	r := rigOf(b)
	r.Switch.Log = slog.New(slog.DiscardHandler)
	r.recoverInDoubt(b)
}

// recoverInDoubt reverses what a node that was killed under load has left.
func (r *rig) recoverInDoubt(b *testing.B) {
	const inDoubt = 10_000
	for b.Loop() {
		b.StopTimer()
		r.inDoubt(inDoubt)
		b.StartTimer()
		r.must(r.SweepOnce(b.Context(), 0))
		b.StopTimer()
		if n := r.count(`SELECT count(*) FROM saf`); n != inDoubt {
			b.Fatalf("%d reversals are queued", n)
		}
		r.exec(`DELETE FROM saf`)
		b.StartTimer()
	}
}

// inDoubt leaves so many payments without an outcome, as a node does that is killed under load, all received a minute ago.
func (r *rig) inDoubt(n int) {
	r.t.Helper()
	r.exec(`INSERT INTO payment (`+payment.Columns+`)
		SELECT 101, now()::date, gen_random_uuid(), 900000000000 + i, 1000, now() - interval '1 minute', now() - interval '57 seconds',
		       now() - interval '30 seconds', gen_random_uuid(), gen_random_uuid(), now()::date, 1, false, 'pos', '581672000',
		       '000000000000101', '10100001', lpad(i::text, 6, '0'), '120000', '000000', '', '{}', '603799', '0014', 'sealed'
		  FROM generate_series(1, $1::bigint) AS i`, n)
	r.exec(`UPDATE sweep_mark SET swept_until = now() - interval '2 minutes' WHERE id = 1`)
}
