package simulator

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"treasury-switch/iso"
)

// TestTotalsEqualARecount sends random purchases, repeats and reversals, and compares
// the running totals with the requests in the book, where it is large and where
// most of them are forgotten again.
func TestTotalsEqualARecount(t *testing.T) {
	cards := []string{goodCard, "6037990000000022", "6104330000000516", "5892100000000552", "6104331234567890"}
	for _, room := range []int{DefaultMaxRequests, 4 * shardCount} {
		t.Run(fmt.Sprint(room), func(t *testing.T) {
			p := start(t, func(c *Config) { c.MaxRequests = room })
			random := rand.New(rand.NewPCG(1, uint64(room)))
			var seen Totals
			for i := range 4000 {
				stan := random.IntN(1000)
				m := p.purchase(cards[stan%len(cards)])
				m.Set(iso.FieldSTAN, fmt.Sprintf("%06d", stan))
				m.Set(iso.FieldAmount, fmt.Sprintf("%012d", 1+stan%7+random.IntN(10)/9)) // Sometimes another one.
				if random.IntN(3) > 0 {
					p.sim.reversal(p.reversal(m))
				} else {
					p.sim.noteAnswer(p.sim.purchase(m))
				}
				if i%100 == 99 {
					seen.plus(p.checkTotals())
				}
			}
			last := p.sim.Totals()
			forgotten := p.sim.book.last.Load() - int64(last.Debited+last.Reversed+last.Declined)
			if seen.Debited == 0 || seen.Reversed == 0 || seen.Declined == 0 || forgotten > 0 != (room < DefaultMaxRequests) {
				t.Errorf("the messages do not try everything: %+v in all, %d forgotten", seen, forgotten)
			}
		})
	}
}

// checkTotals counts the book's requests anew and returns their totals.
func (p *peer) checkTotals() Totals {
	p.t.Helper()
	ledger := p.sim.Ledger()
	want := Totals{NotFound: ledger.Totals.NotFound, Full: ledger.Totals.Full}
	for _, d := range ledger.Debits {
		if d.State == Reversed {
			want.Reversed++
			want.ReversedAmount += d.Amount
			continue
		}
		want.Debited++
		want.DebitedAmount += d.Amount
	}
	for i := range p.sim.book.shards {
		part, _ := p.sim.book.shards[i].copyInto(nil)
		for _, r := range part {
			if r.sequence != 0 && !r.debited() {
				want.Declined++
			}
		}
	}
	if ledger.Totals != want || p.sim.Totals() != want {
		p.t.Fatalf("the ledger has %+v, the totals are %+v, counted anew they are %+v", ledger.Totals, p.sim.Totals(), want)
	}
	return want
}
