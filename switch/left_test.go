package switching

import (
	"context"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// C12: a node cannot end a payment of its own, and is killed later, when the searches of others are far past it. The payment is in everybody's
// care by then.
func TestC12_OwnPaymentCannotBeEnded(t *testing.T) {
	r := newRig(t)
	p, there := r.stillOpen()
	allow := r.refusing(there)
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	if err := r.quickSweep(t.Context()); err == nil || r.seen.alarms[payment.NotEnded] == 0 {
		t.Errorf("it was not tried: %v, alarms %v", err, r.seen.alarms)
	}
	r.killed()
	allow()
	other := r.second()
	r.must(other.Store.mark(t.Context(), atOnce, r.clock.Now()))
	r.clock.Advance(leftPause)
	r.must(other.quickSweep(t.Context()))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
}

// C13: what was written down as open is not due yet, because its request came again. It is ended when it is.
func TestC13_WrittenDownBeforeItIsDue(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.must(r.Store.addOpen(t.Context(), map[payment.Key]time.Time{r.intentOnly(p).Key: r.clock.Now()}))
	r.clock.Advance(time.Millisecond)
	r.must(r.endOpen(t.Context()))
	r.wantStatus(p, payment.Pending, "")
	r.clock.Advance(testTimers.Switch + testTimers.Grace)
	r.must(r.endOpen(t.Context()))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
}

// searchFails is a store that finds nothing in time.
type searchFails struct{ Store }

func (searchFails) withoutOutcome(context.Context, time.Time, time.Time) ([]payment.Payment, error) {
	return nil, errNoAnswer
}

// C12: a start has not the time to search as far back as it should, and nobody has crashed. The sweep goes on with it.
func TestC12_AStartDoesNotComeToTheEndOfItsSearch(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.intentOnly(p)
	r.clock.Advance(2 * time.Hour)
	r.exec(`UPDATE lane SET abandoned_at = NULL`)
	whole := r.Store
	r.Store = searchFails{whole}
	r.Recover(t.Context())
	r.Store = whole
	r.must(r.searchEnded(t.Context()))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	if r.searched.behind {
		t.Error("it is at the end, and goes on")
	}
}

// lockedStore is a store with payments that are left open and hang, whatever is asked of them.
type lockedStore struct {
	Store
	mu    sync.Mutex
	due   map[payment.Key]time.Time
	tried map[payment.Key]int
}

func (l *lockedStore) dueOpen(_ context.Context, now time.Time) ([]payment.Key, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	keys := slices.SortedFunc(maps.Keys(l.due), func(a, b payment.Key) int { return l.due[a].Compare(l.due[b]) })
	return slices.DeleteFunc(keys, func(k payment.Key) bool { return l.due[k].After(now) }), nil
}

func (l *lockedStore) Payment(ctx context.Context, k payment.Key) (payment.Payment, error) {
	l.mu.Lock()
	l.tried[k]++
	l.mu.Unlock()
	<-ctx.Done()
	return payment.Payment{}, fault.New(fault.Unavailable, "made to hang: %w", ctx.Err())
}

func (l *lockedStore) dropOpen(_ context.Context, keys []payment.Key) error { return nil }

func (l *lockedStore) postponeOpen(_ context.Context, keys []payment.Key, until time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range keys {
		l.due[k] = until
	}
	return nil
}

// C12: so many open payments hang that trying all of them would take more than an hour. A round of the sweep goes on soon, those that were
// tried wait behind the others, and the next round begins with those that were not.
func TestC12_ManyThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &lockedStore{due: map[payment.Key]time.Time{}, tried: map[payment.Key]int{}}
		began := time.Now()
		for i := range sweepBatch {
			store.due[payment.Key{Agency: 1, ID: [16]byte{byte(i), byte(i >> 8)}}] = began
		}
		s := &Switch{cfg: Config{Timers: testTimers}, Parts: Parts{Store: store, Now: time.Now, Observe: Silent{}, Log: slog.New(slog.DiscardHandler)}}
		for round := range 3 {
			began := time.Now()
			if s.endOpen(t.Context()) == nil {
				t.Error("nobody hears of it")
			}
			if took := time.Since(began); took > leftFor+leftPart/readAtOnce*endLimit {
				t.Errorf("round %d took %s", round, took)
			}
		}
		for k, n := range store.tried {
			if n != 1 || !store.due[k].After(began) {
				t.Fatalf("one was tried %d times while others wait", n)
			}
		}
		if len(store.tried) < 3*leftPart {
			t.Errorf("only %d were tried", len(store.tried))
		}
	})
}

// All nodes write down, postpone and strike out the same open payments, and none is in another's way.
func TestNodesWriteTheSameOpenPayments(t *testing.T) {
	r := newRig(t)
	var keys []payment.Key
	for i := range 400 {
		keys = append(keys, payment.Key{Agency: int32(i % 7), OpenedOn: testDay, ID: [16]byte{byte(i), byte(i >> 8)}})
	}
	var nodes sync.WaitGroup
	for range 6 {
		nodes.Go(func() {
			for range 15 {
				mine, open := slices.Clone(keys), map[payment.Key]time.Time{}
				rand.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
				for _, k := range mine {
					open[k] = r.clock.Now()
				}
				for what, err := range map[string]error{
					"leave":    r.Store.addOpen(t.Context(), open),
					"postpone": r.Store.postponeOpen(t.Context(), mine, r.clock.Now()),
					"ended":    r.Store.dropOpen(t.Context(), mine[:len(mine)/2]),
				} {
					if err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
			}
		})
	}
	nodes.Wait()
}

// As many as may be in flight are handed over in one statement.
func TestAFullNodeHandsOver(t *testing.T) {
	r := newRig(t)
	open := map[payment.Key]time.Time{}
	for i := range DefaultLimits.InFlight {
		open[payment.Key{Agency: 101, OpenedOn: testDay, ID: [16]byte{byte(i), byte(i >> 8), byte(i >> 16)}}] = r.clock.Now()
	}
	limited, cancel := context.WithTimeout(t.Context(), handLimit)
	defer cancel()
	r.must(r.Store.addOpen(limited, open))
	if n := r.count(`SELECT count(*) FROM open_payment`); n != len(open) {
		t.Errorf("%d of %d were written down", n, len(open))
	}
}
