package traffic

import (
	"fmt"
	"sync/atomic"

	"treasury-switch/internal/threeway"
	"treasury-switch/iso"
	"treasury-switch/loadtest/wire"
	"treasury-switch/money"
)

// approved is the code of a payment that was made.
var approved = [2]byte{'0', '0'}

// record is what a terminal knows of one purchase. It holds no pointer, and there are millions.
type record struct {
	till  uint32 // F41 as a number
	stan  uint32
	local uint32 // second of F12 and F13
	offer uint8
	state uint8
	code  [2]byte // of the final answer, zeros where none came
}

// Bits of record.state.
const (
	reversing = 1 << iota // a reversal was sent
	reversed              // and accepted
)

// Records lie in blocks, so that none moves when more are added.
const (
	block     = 1 << 16
	maxBlocks = 1 << 12 // 268 million records
)

// Told is what terminals know of all their purchases. Records are added by one goroutine; each record is then written by
// whoever holds its exchange.
type Told struct {
	offers []Offer
	blocks [maxBlocks]*[block]record
	count  atomic.Int64
}

// newTold makes an empty book of purchases of these offers.
func newTold(offers []Offer) *Told { return &Told{offers: offers} }

// add enters a purchase and returns its number; false means that it is full.
func (t *Told) add(r record) (uint32, bool) {
	n := t.count.Load()
	if n >= block*maxBlocks {
		return 0, false
	}
	if t.blocks[n/block] == nil {
		t.blocks[n/block] = new([block]record)
	}
	t.blocks[n/block][n%block] = r
	t.count.Add(1)
	return uint32(n), true
}

// at is the record of a number.
func (t *Told) at(n uint32) *record { return &t.blocks[n/block][n%block] }

// Count is the number of purchases.
func (t *Told) Count() int64 { return t.count.Load() }

// words are what the terminal was told, in the order of its messages: the final answer to the purchase, and the reversal.
func (r *record) words() []threeway.Word {
	var words []threeway.Word
	if r.code != [2]byte{} {
		words = append(words, threeway.Word{MTI: iso.MTIPurchase, Code: iso.Code(r.code[:])})
	}
	switch {
	case r.state&reversed > 0:
		words = append(words, threeway.Word{MTI: iso.MTIReversalAdvice, Code: iso.RC00Approved, Sent: 1, Heard: 1})
	case r.state&reversing > 0:
		words = append(words, threeway.Word{MTI: iso.MTIReversalAdvice, Sent: 1, Heard: 1})
	}
	return words
}

// All yields what each terminal knows, in the order of sending. Call it only when no load is running.
func (t *Told) All(yield func(threeway.Told) bool) {
	stamps := map[uint32]string{}
	for n := range t.Count() {
		r := t.at(uint32(n))
		local, known := stamps[r.local]
		if !known {
			stamp := wire.At(int64(r.local))
			local = stamp.Local()
			stamps[r.local] = local
		}
		one := threeway.Told{
			Request: threeway.Request{Terminal: fmt.Sprintf("%08d", r.till), STAN: fmt.Sprintf("%06d", r.stan), Local: local},
			Amount:  money.Rial(t.offers[r.offer].Price), Words: r.words(),
		}
		if !yield(one) {
			return
		}
	}
}
