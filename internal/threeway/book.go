package threeway

import (
	"sync"
	"time"

	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/money"
)

// Book keeps what terminals were told, purchase by purchase. It is safe for concurrent use.
type Book struct {
	mu    sync.Mutex
	told  map[Request]*Told
	order []Request
}

// Enter enters a message and its answer. Messages that are not about a purchase are passed over.
func (b *Book) Enter(m *iso.Message, w Word) {
	w.MTI = m.MTI
	if w.asks() || w.reverses() || m.Has(iso.FieldOriginal) {
		b.enter(RequestOf(m), pos.Amount(m), w)
	}
}

func (b *Book) enter(r Request, amount money.Rial, w Word) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.told[r]
	if t == nil {
		if b.told == nil {
			b.told = map[Request]*Told{}
		}
		t = &Told{Request: r}
		b.told[r], b.order = t, append(b.order, r)
	}
	if w.MTI == iso.MTIPurchase || t.Amount == 0 {
		t.Amount = amount
	}
	t.Words = append(t.Words, w)
}

// Carried enters all that a terminal was told while it carried a purchase through.
func (b *Book) Carried(c *pos.Carried) {
	for i, x := range c.Attempts {
		at := time.Duration(i)
		b.enter(RequestOf(c.Request), pos.Amount(c.Request), Word{MTI: x.MTI, Code: x.Code, Sent: at, Heard: at})
	}
}

// Len is the number of purchases.
func (b *Book) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.order)
}

// All yields what is known of each purchase, in the order of first entry. Call it only when nothing is entered any more.
func (b *Book) All(yield func(Told) bool) {
	for _, r := range b.order {
		if !yield(*b.told[r]) {
			return
		}
	}
}
