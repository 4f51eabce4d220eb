package simulator

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// Scope is the kind of answers that a fault setting applies to.
type Scope string

// The scopes. Answers to sign-on, sign-off and echo are never spoilt.
const (
	All       Scope = "all" // the default
	Purchases Scope = "purchases"
	Reversals Scope = "reversals"
)

// Faults are the simulator's faults. The percentages are of the answers in
// scope; each answer suffers one fault at most, so together they are at most 100.
// The requests are carried out in every case: a fault is about the answer.
type Faults struct {
	Drop       int `json:"drop"`       // percent that are never sent
	Delay      int `json:"delay"`      // percent that are sent after DelayMS
	Duplicate  int `json:"duplicate"`  // percent that are sent twice
	Corrupt    int `json:"corrupt"`    // percent that are spoilt so that it shows
	Disconnect int `json:"disconnect"` // percent that are replaced by closing the connection
	// Misaddress is the percent before which an answer is sent that is no request's: it says
	// the opposite, and has another key or names another payment. Every other one of them
	// comes instead of the answer.
	Misaddress int `json:"misaddress"`
	// DelayMS is the delay in milliseconds; zero means that of the late card.
	DelayMS int `json:"delay_ms"`
	// On is the scope; empty means All.
	On Scope `json:"on"`
	// ReversalCode, if set, is the answer to reversals, which are not carried out:
	// to the next ReversalCount of them, or to all if that is zero.
	ReversalCode  iso.Code `json:"reversal_code"`
	ReversalCount int      `json:"reversal_count"`
	// Seed, if set, begins the choice of faults anew.
	Seed *uint64 `json:"seed,omitempty"`
}

// check refuses what makes no sense (fault.Invalid).
func (f Faults) check() error {
	sum := 0
	for _, percent := range []int{f.Drop, f.Delay, f.Duplicate, f.Corrupt, f.Disconnect, f.Misaddress} {
		if percent < 0 || percent > 100 {
			return fault.New(fault.Invalid, "faults: %d percent: want 0 to 100", percent)
		}
		sum += percent
	}
	switch {
	case sum > 100:
		return fault.New(fault.Invalid, "faults: %d percent together: want at most 100", sum)
	case f.DelayMS < 0 || f.DelayMS > int(maxLate/time.Millisecond):
		return fault.New(fault.Invalid, "faults: delay of %d ms: want 0 to %d", f.DelayMS, maxLate/time.Millisecond)
	case f.On != "" && f.On != All && f.On != Purchases && f.On != Reversals:
		return fault.New(fault.Invalid, "faults: on %q: want all, purchases or reversals", f.On)
	case f.ReversalCode != "" && (len(f.ReversalCode) != 2 || !f.ReversalCode.Known()):
		return fault.New(fault.Invalid, "faults: reversal_code %q is not a response code in use", f.ReversalCode)
	case f.ReversalCount < 0:
		return fault.New(fault.Invalid, "faults: reversal_count %d: want 0 or more", f.ReversalCount)
	case f.ReversalCount > 0 && f.ReversalCode == "":
		return fault.New(fault.Invalid, "faults: reversal_count without reversal_code")
	}
	return nil
}

// ailment is the fault of one answer.
type ailment uint8

const (
	healthy ailment = iota
	dropped
	delayed
	duplicated
	corrupted
	disconnected
	misaddressed
	ailmentCount
)

// ailmentNames are the names in listings.
var ailmentNames = [ailmentCount]string{"healthy", "dropped", "delayed", "duplicated", "corrupted", "disconnected", "misaddressed"}

// faultBox deals faults. The same seed and the same sequence of answers give the
// same faults; answers made concurrently come in no fixed sequence.
type faultBox struct {
	active atomic.Bool // false: nothing is spoilt, and nobody takes the lock
	mu     sync.Mutex
	faults Faults
	random *rand.Rand
	left   int // reversals that still get ReversalCode, if counted
	dealt  [ailmentCount]atomic.Int64
}

// newFaultBox deals faults from a seed.
func newFaultBox(faults Faults, seed uint64) *faultBox {
	b := &faultBox{random: rand.New(rand.NewPCG(seed, 0))}
	b.set(faults)
	return b
}

// set replaces the faults.
func (b *faultBox) set(faults Faults) {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults.On = cmp.Or(faults.On, All)
	if faults.Seed != nil {
		b.random = rand.New(rand.NewPCG(*faults.Seed, 0))
	}
	b.faults, b.left = faults, faults.ReversalCount
	quiet := Faults{On: faults.On, DelayMS: faults.DelayMS, Seed: faults.Seed}
	b.active.Store(faults != quiet)
}

// get returns the faults that hold now, with the reversals left to refuse.
func (b *faultBox) get() Faults {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults := b.faults
	faults.ReversalCount = b.left
	return faults
}

// reversalCode returns the code that the next reversal gets, if one is forced.
func (b *faultBox) reversalCode() (code iso.Code, forced bool) {
	if !b.active.Load() {
		return "", false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.faults.ReversalCode == "" {
		return "", false
	}
	code = b.faults.ReversalCode
	if b.faults.ReversalCount > 0 {
		if b.left--; b.left == 0 {
			b.faults.ReversalCode, b.faults.ReversalCount = "", 0
		}
	}
	return code, true
}

// deal chooses what happens to one answer, for how long it is delayed, and in
// which of the ways it is corrupted.
func (b *faultBox) deal(scope Scope) (what ailment, delay time.Duration, way int) {
	if !b.active.Load() {
		return healthy, 0, 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.faults.On != All && b.faults.On != scope {
		return healthy, 0, 0
	}
	draw := b.random.IntN(100)
	way = b.random.IntN(1 << 16)
	percents := [...]int{b.faults.Drop, b.faults.Delay, b.faults.Duplicate, b.faults.Corrupt, b.faults.Disconnect,
		b.faults.Misaddress}
	for i, percent := range percents {
		if draw -= percent; draw < 0 {
			what = ailment(i + 1)
			break
		}
	}
	b.dealt[what].Add(1)
	return what, time.Duration(b.faults.DelayMS) * time.Millisecond, way
}
