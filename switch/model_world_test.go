package switching

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/tariffs"
)

// world is everything around the nodes: the database, the network, the terminals, and what they were told.
type world struct {
	mu            sync.Mutex // over all that follows; the schedule goes on only when every goroutine waits
	t             *testing.T
	store         *modelStore
	network       *modelNetwork
	nodes         []*modelNode // by place; a dead one stays until it is started again
	gone          []*modelNode // earlier lives
	travelling    []*message
	asks          []*ask
	serial        int32
	lives         int
	loseReversals bool
	frozen        bool // the terminal is not open any more
	tariffs       *tariffs.Set
	agency        registry.Agency
	accounts      []ledger.Account
	card          identity.PAN
	logging       sync.Mutex
	log           []string
	violation     string
}

// message is a debit on its way.
type message struct {
	from    *modelNode
	intent  *Intent
	sent    time.Time
	arrived bool // the network has seen it and answers
	said    Answered
	late    bool // nobody waits any more
	answer  chan Answered
}

// modelNetwork debits cards, and knows each debit by its retrieval number.
type modelNetwork struct {
	live   map[RRN]bool
	refuse bool // the card has no money
}

// debit is what the network does about a message that arrives.
func (n *modelNetwork) debit(i *Intent) Answered {
	a := Answered{Word: SaidDeclined, Code: "51", Amount: i.Amount, Currency: true, Day: calendar.DateOf(i.OpenedAt)}
	if _, known := n.live[i.RRN]; !known && !n.refuse {
		n.live[i.RRN] = true
		a.Word, a.Code, a.Approval = SaidApproved, OK, "654321"
	}
	return a
}

func (n *modelNetwork) reverse(r Reversal, lose bool) (ReversalAnswered, error) {
	if _, known := n.live[r.Intent.RRN]; !known {
		return ReversalAnswered{Word: ReversalNotFound, Code: NoOriginal}, nil
	}
	n.live[r.Intent.RRN] = false
	if lose {
		return ReversalAnswered{}, errLost
	}
	return ReversalAnswered{Word: ReversalDone, Code: OK}, nil
}

var errLost = fmt.Errorf("the answer was lost")

const modelNodes = 2

func newWorld(t *testing.T) *world {
	w := &world{t: t, store: newModelStore(), network: &modelNetwork{live: map[RRN]bool{}}}
	versions, err := tariffs.Parse("form.yaml", []byte(formTariff))
	if err != nil {
		panic(err)
	}
	if w.tariffs, err = tariffs.NewSet(versions); err != nil {
		panic(err)
	}
	if w.card, err = identity.ParsePAN("6037990000000014"); err != nil {
		panic(err)
	}
	w.agency = registry.Agency{Code: 101, Acceptor: acceptor, State: ledger.Open}
	for id, code := range map[ledger.AccountID]string{share1: "P-101-01", share2: "P-106-01"} {
		w.accounts = append(w.accounts, ledger.Account{ID: id, Code: code, Agency: id.Agency(), Book: ledger.Live, State: ledger.Open,
			ValidFrom: calendar.On(2020, time.January, 1)})
	}
	w.store.days[ledger.Live] = calendar.DateOf(time.Now())
	w.store.swept[atOnce] = time.Now()
	for i := range modelNodes {
		w.nodes = append(w.nodes, w.start(string(rune('A'+i))))
	}
	return w
}

func (w *world) directory() *registry.Directory {
	state := ledger.Open
	w.set(func() {
		if w.frozen {
			state = ledger.Frozen
		}
	})
	return registry.NewDirectory([]registry.Agency{w.agency},
		[]registry.Terminal{{ID: "10100001", Agency: 101, Book: ledger.Live, Type: "14", State: state}},
		[]registry.Service{{Code: "FORM", Agency: 101, State: ledger.Open}}, w.accounts)
}

// set changes something that goroutines of the nodes look at.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// take sends a debit, unless its node has ended or it is too late.
func (w *world) take(m *message) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m.from.dead || !m.sent.Before(m.intent.SendBefore) {
		return false
	}
	w.travelling = append(w.travelling, m)
	return true
}

// giveUp ends the wait for the answer to a debit.
func (w *world) giveUp(m *message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	m.late = true
}

func (w *world) note(format string, args ...any) {
	w.logging.Lock()
	defer w.logging.Unlock()
	w.log = append(w.log, fmt.Sprintf("%8s  %s", time.Since(modelBegin).Round(time.Millisecond), fmt.Sprintf(format, args...)))
}

func (w *world) broken(format string, args ...any) {
	if w.violation == "" {
		w.violation = fmt.Sprintf(format, args...)
	}
}

func (w *world) story() string { return strings.Join(w.log, "\n") }

// modelBegin is when every schedule begins.
var modelBegin = time.Date(2026, time.November, 21, 9, 0, 0, 0, time.UTC)
