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

// offer is the price of a request, its basis, and its beneficiaries.
type offer struct {
	total money.Rial
	price payment.Price
	open  bool // every beneficiary's account takes postings
}

// offersLimit bounds the number of cached prices.
const offersLimit = 4096

// offers caches prices: a counter sells the same few services all day, and computing a price, finding its accounts
// and encoding it costs more than the rest of a request. A cache is valid for one set of lists, tariffs and day; when
// one of them changes, a new one replaces it.
type offers struct {
	lists   *registry.Directory
	tariffs *tariffs.Set
	today   calendar.Date

	mu    sync.RWMutex
	known map[asking]offer
}

// asking is the cache key: the inputs of a price besides lists, tariffs and day.
type asking struct {
	agency  int32
	book    ledger.Book
	request tariffs.Request
}

func newOffers(ts *terms) *offers {
	return &offers{lists: ts.lists, tariffs: ts.tariffs, today: ts.today, known: map[asking]offer{}}
}

// fits reports whether the cached prices are valid under these terms.
func (o *offers) fits(ts *terms) bool {
	return o != nil && o.lists == ts.lists && o.tariffs == ts.tariffs && o.today == ts.today
}

func (o *offers) find(a asking) (offer, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	found, ok := o.known[a]
	return found, ok
}

// keep caches a price. It copies the texts: those of a message share memory with card data, which must not stay.
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

// offer prices a request of a terminal's agency, or returns the code that refuses it. Only prices are cached, never
// refusals.
func (ts *terms) offer(t registry.Terminal, r tariffs.Request) (offer, payment.Code) {
	a := asking{agency: t.Agency, book: t.Book, request: r}
	if made, ok := ts.offers.find(a); ok {
		return made, ""
	}
	quote, code := ts.quote(t.Agency, r)
	if code != "" {
		return offer{}, code
	}
	made := offer{total: quote.Total}
	made.price, made.open = ts.price(t.Book, quote, r)
	if made.open {
		ts.offers.keep(a, made)
	}
	return made, ""
}
