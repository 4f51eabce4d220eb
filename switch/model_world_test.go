package switching

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/switch/payment/paymenttest"
	"treasury-switch/tariffs"
)

// world is everything around the nodes: the database, the network, the terminals, and what they were told.
type world struct {
	mu         sync.Mutex // over all that follows; the schedule goes on only when every goroutine waits
	began      time.Time
	store      *modelStore
	network    *modelNetwork
	nodes      []*modelNode // by place; a dead one stays until it is started again
	gone       []*modelNode // earlier lives
	travelling []*message
	sales      []*sale
	asks       []*ask
	serial     int32
	lives      int
	skewed     bool         // a node has had a wrong time
	terminal   ledger.State // as the lists of the nodes have it
	tariffs    *tariffs.Set
	agency     registry.Agency
	accounts   []ledger.Account
	cards      []identity.PAN
	logging    sync.Mutex
	log        []string
	violation  string
}

// modelBegin is when every schedule begins, by the database's clock. The clocks of the nodes are years away from it.
var modelBegin = time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)

// time is the database's.
func (w *world) time() time.Time { return modelBegin.Add(time.Since(w.began)) }

func newWorld(nodes int) *world {
	w := &world{began: time.Now(), network: newModelNetwork(), cards: cardsOf("6037990000000014", "6037990000000022"), terminal: ledger.Open}
	w.sales = newSales(w.cards[0])
	w.store = newModelStore(w.time)
	versions, err := tariffs.Parse("form.yaml", []byte(formTariff))
	if err != nil {
		panic(err)
	}
	if w.tariffs, err = tariffs.NewSet(versions); err != nil {
		panic(err)
	}
	w.agency = registry.Agency{Code: 101, Acceptor: acceptor, State: ledger.Open}
	for id, code := range map[ledger.AccountID]string{paymenttest.Share1: "P-101-01", paymenttest.Share2: "P-106-01"} {
		w.accounts = append(w.accounts, ledger.Account{ID: id, Code: code, Agency: id.Agency(), Book: ledger.Live, State: ledger.Open,
			ValidFrom: calendar.On(2020, time.January, 1)})
	}
	for i := range nodes {
		w.nodes = append(w.nodes, w.start(string(rune('A'+i))))
	}
	return w
}

// listsAfter is how long the nodes' lists do not know of an account that was frozen.
const listsAfter = 30 * time.Second

// directory are the lists of the nodes.
func (w *world) directory() *registry.Directory {
	state, accounts := ledger.Open, make([]ledger.Account, len(w.accounts))
	w.set(func() {
		state = w.terminal
		copy(accounts, w.accounts)
		for i, a := range accounts {
			if at, frozen := w.store.frozen[a.ID]; frozen && w.time().Sub(at) > listsAfter {
				accounts[i].State = ledger.Frozen
			}
		}
	})
	return registry.NewDirectory([]registry.Agency{w.agency},
		[]registry.Terminal{{ID: "10100001", Agency: 101, Book: ledger.Live, Type: "14", State: state}},
		[]registry.Service{{Code: "FORM", Agency: 101, State: ledger.Open}}, accounts)
}

// set changes something that goroutines of the nodes look at.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *world) note(format string, args ...any) {
	w.logging.Lock()
	defer w.logging.Unlock()
	w.log = append(w.log, fmt.Sprintf("%8s  %s", w.time().Sub(modelBegin).Round(time.Millisecond), fmt.Sprintf(format, args...)))
}

func (w *world) broken(format string, args ...any) {
	if w.violation == "" {
		w.violation = fmt.Sprintf(format, args...)
		w.note("broken: %s", w.violation)
	}
}

func (w *world) story() string { return strings.Join(w.log, "\n") }
