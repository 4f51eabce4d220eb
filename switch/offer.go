package switching

import (
	"strings"
	"sync"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// offer is what a request costs, why, and who receives it.
type offer struct {
	total money.Rial
	price payment.Price
	open  bool // every beneficiary's account takes postings
}

// offersLimit bounds the prices that are remembered.
const offersLimit = 4096

// offers remembers prices by what was asked for: a counter sells the same few
// services all day, and reckoning a price, finding its accounts and writing it out
// costs more than the rest of a request. It holds for the lists, the tariffs and
// the day that it was made under, and whoever comes with others begins a new one.
type offers struct {
	lists   *registry.Directory
	tariffs *tariffs.Set
	today   calendar.Date

	mu    sync.RWMutex
	known map[asking]offer
}

// asking is what a price depends on, beside lists, tariffs and day.
type asking struct {
	agency  int32
	book    ledger.Book
	request tariffs.Request
}

func newOffers(d *desk) *offers {
	return &offers{lists: d.lists, tariffs: d.tariffs, today: d.today, known: map[asking]offer{}}
}

// fits reports whether the prices are those of a desk.
func (o *offers) fits(d *desk) bool {
	return o != nil && o.lists == d.lists && o.tariffs == d.tariffs && o.today == d.today
}

func (o *offers) find(a asking) (offer, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	found, ok := o.known[a]
	return found, ok
}

// keep remembers a price. The texts are copied: those of a message share their
// memory with what must not stay in it.
func (o *offers) keep(a asking, made offer) {
	r := &a.request
	r.Service, r.Category, r.Option = made.price.Service, strings.Clone(r.Category), strings.Clone(r.Option)
	made.price.Category, made.price.Option = r.Category, r.Option
	made.price.Write()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.known) >= offersLimit {
		clear(o.known)
	}
	o.known[a] = made
}

// offer prices a request of a terminal's agency, or says with which code it is
// refused. Only prices are remembered, never refusals.
func (d *desk) offer(t registry.Terminal, r tariffs.Request) (offer, payment.Code) {
	a := asking{agency: t.Agency, book: t.Book, request: r}
	if made, ok := d.offers.find(a); ok {
		return made, ""
	}
	quote, code := d.quote(t.Agency, r)
	if code != "" {
		return offer{}, code
	}
	made := offer{total: quote.Total}
	made.price, made.open = d.price(t.Book, quote, r)
	if made.open {
		d.offers.keep(a, made)
	}
	return made, ""
}
