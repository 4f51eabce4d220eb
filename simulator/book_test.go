package simulator

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"treasury-switch/iso"
)

// numbered is the key of a test's n-th request of a kind, a name of 8 letters.
func numbered(t testing.TB, kind string, n int) requestKey {
	t.Helper()
	key, fits := keyOf("581672000", kind, fmt.Sprintf("%06d", n), stampNow)
	if !fits {
		t.Fatalf("no key of %q and %d", kind, n)
	}
	return key
}

// debit enters a request straight into a book.
func debit(b *book, key requestKey, code iso.Code) bool {
	s := b.shardOf(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return b.add(s, &request{key: key, code: codeBytes(code)})
}

func TestBookForgetsOnlyWhatIsFinished(t *testing.T) {
	b := newBook(2 * shardCount) // two requests in each part
	live := 0
	for i := range 10 * shardCount {
		if debit(b, numbered(t, "approved", i), iso.RC00Approved) {
			live++
		}
		debit(b, numbered(t, "declined", i), iso.RC51InsufficientFunds)
	}
	if live == 0 || live > 2*shardCount {
		t.Fatalf("%d debits entered in a book for %d", live, 2*shardCount)
	}
	found := 0
	for i := range b.shards {
		s := &b.shards[i]
		if len(s.first) > 2 || s.count > 2 || s.used > 2 {
			t.Fatalf("a part holds %d requests in %d places, want at most 2", s.count, s.used)
		}
		part, _ := s.copyInto(nil)
		for _, r := range part {
			if r.live() {
				found++
			}
		}
	}
	if found != live {
		t.Fatalf("%d live debits of %d are left", found, live)
	}
}

func TestBookMakesRoomByReversal(t *testing.T) {
	b := newBook(shardCount) // one request in each part
	first := numbered(t, "thefirst", 0)
	s := b.shardOf(first)
	if !debit(b, first, iso.RC00Approved) {
		t.Fatal("an empty book is full")
	}
	second := numbered(t, "a second", 0)
	for i := 1; b.shardOf(second) != s; i++ {
		second = numbered(t, "a second", i)
	}
	if debit(b, second, iso.RC00Approved) {
		t.Fatal("a live debit was forgotten")
	}
	s.reverse(s.find(first), noon)
	if !debit(b, second, iso.RC00Approved) {
		t.Fatal("a reversed debit keeps its place")
	}
	if s.find(first) != none || s.at(s.find(second)).key != second {
		t.Error("two requests in the place of one")
	}
}

func TestBookForgetsTheOldestFirst(t *testing.T) {
	b := newBook(3 * shardCount)
	s := b.shardOf(numbered(t, "declined", 0))
	var keys []requestKey
	for i := 0; len(keys) < 9; i++ {
		if key := numbered(t, "declined", i); b.shardOf(key) == s {
			keys = append(keys, key)
			debit(b, key, iso.RC51InsufficientFunds)
			for j, before := range keys {
				if kept := s.find(before) != none; kept != (j+3 >= len(keys)) {
					t.Fatalf("of %d requests the one numbered %d is kept: %v", len(keys), j, kept)
				}
			}
		}
	}
}

func TestFullLedgerDeclines(t *testing.T) {
	p := start(t, func(c *Config) { c.MaxRequests = shardCount })
	codes := map[string]int{}
	for range 4 * shardCount {
		codes[p.ask(p.purchase(goodCard)).Get(iso.FieldCode)]++
	}
	ledger := p.sim.Ledger()
	if codes["91"] == 0 || codes["00"] != len(ledger.Debits) || codes["00"]+codes["91"] != 4*shardCount {
		t.Fatalf("answers %v, %d debits", codes, len(ledger.Debits))
	}
	if ledger.Totals.Full != int64(codes["91"]) {
		t.Errorf("totals %+v", ledger.Totals)
	}
}

// TestConcurrentMessages sends the same requests and reversals on several
// connections at once: each key is debited once, each debit reversed once.
func TestConcurrentMessages(t *testing.T) {
	p := start(t, nil)
	var asked, taken []*iso.Message
	for range 50 {
		m := p.purchase(goodCard)
		asked, taken = append(asked, m), append(taken, p.reversal(m))
	}
	const connections = 4
	approved := make([]int, connections)
	var all sync.WaitGroup
	for i := range connections {
		other := &peer{t: t, sim: p.sim, stan: 900_000 + i}
		other.connect()
		all.Go(func() { approved[i] = other.converse(asked, taken) })
	}
	all.Wait()
	reversals := 0
	for _, n := range approved {
		reversals += n
	}
	totals := p.sim.Ledger().Totals
	if reversals != len(asked) || totals.Reversed != len(asked) || totals.Debited != 0 {
		t.Errorf("%d reversals accepted of %d, totals %+v", reversals, len(asked), totals)
	}
}

// converse sends every purchase and its reversal and counts the reversals that
// were answered 00.
func (p *peer) converse(asked, taken []*iso.Message) (accepted int) {
	p.send(p.management(signOn))
	if m, err := p.receive(); err != nil || m.Get(iso.FieldCode) != "00" {
		p.t.Errorf("sign-on: %v", err)
		return 0
	}
	for i := range asked {
		for _, m := range []*iso.Message{asked[i], taken[i]} {
			p.send(m)
			answer, err := p.receive()
			if err != nil {
				p.t.Error(err)
				return accepted
			}
			if m == taken[i] && answer.Get(iso.FieldCode) == "00" {
				accepted++
			}
		}
	}
	return accepted
}

func BenchmarkPurchase(b *testing.B) {
	sim := New(Config{Now: func() time.Time { return noon }, MaxRequests: 100_000_000})
	config, err := sim.config.complete()
	if err != nil {
		b.Fatal(err)
	}
	sim.config, sim.book, sim.faults = config, newBook(config.MaxRequests), newFaultBox(Faults{}, 0)
	p := &peer{t: b, sim: sim}
	m := p.purchase(goodCard)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Set(iso.FieldSTAN, fmt.Sprintf("%06d", i%1_000_000))
		m.Set(iso.FieldTerminal, fmt.Sprintf("%08d", i/1_000_000))
		sim.noteAnswer(sim.purchase(m))
	}
}
