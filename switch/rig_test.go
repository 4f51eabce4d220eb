package switching

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/time/rate"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/registry"
	"treasury-switch/security/pan"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
	"treasury-switch/switch/recorder"
	"treasury-switch/tariffs"
)

// rig is a whole switch on a database of its own, with a network that does what
// the test says and a clock that the test can set forward.
type rig struct {
	*Switch
	t       testing.TB
	net     *scriptedNetwork
	clock   *paymenttest.Clock
	db      *pgxpool.Pool
	owner   *pgxpool.Pool
	address string
	stop    context.CancelFunc
	stopped chan struct{}
	stan    atomic.Int32
	master  pan.MasterKey
	seen    watching
	asks    time.Duration  // after which a COMMIT is asked for; the default if zero
	check   postgres.Check // of their connections
	drain   time.Duration  // of the recorders that are opened from now on; the default if zero
	lease   time.Duration  // of the recorders that are opened from now on; the default if zero
}

// testTimers is a ladder in which nothing waits long.
var testTimers = Timers{
	Network: 4 * time.Second, Switch: 5 * time.Second, Terminal: 6 * time.Second, SendBefore: 3 * time.Second,
	InFlight: 4 * time.Second, Grace: time.Second,
}

var testForward = ForwardConfig{
	Workers: 4, Rate: 1000, First: time.Second, Most: time.Minute, Look: time.Hour, Answer: 2 * time.Second,
}

func newRig(t *testing.T) *rig {
	t.Helper()
	t.Parallel() // tests wait for the database more than they compute
	return rigOf(t)
}

// rigOf is a rig for a test or a benchmark.
func rigOf(t testing.TB) *rig {
	t.Helper()
	r := &rig{t: t, net: newScriptedNetwork(), clock: &paymenttest.Clock{}, db: testdb.New(t), owner: testdb.Owner(t), address: testdb.URL(t)}
	var err error
	r.master, err = pan.CreateMasterKey(filepath.Join(t.TempDir(), "master.key"))
	r.must(err)
	paymenttest.Seed(t, r.owner, true)
	r.Switch, r.stop, r.stopped = r.node("node-1")
	t.Cleanup(func() { r.stop(); <-r.stopped })
	return r
}

// newRigThrough is a rig whose recorder reaches the database through a proxy.
func newRigThrough(t *testing.T) (*rig, *pgproxy.Proxy) {
	t.Helper()
	r := newRig(t)
	proxy, address := pgproxy.Through(t, r.address)
	r.address = address
	r.stop()
	<-r.stopped
	r.Switch, r.stop, r.stopped = r.node("node-1")
	return r, proxy
}

// node starts a switch under that name on the rig's database.
func (r *rig) node(name string) (*Switch, context.CancelFunc, chan struct{}) {
	r.t.Helper()
	rec, stop, stopped := r.recorder(name)
	vault, err := pan.Open(r.t.Context(), r.db, r.master)
	r.must(err)
	directory, set := r.directory(), r.tariffs()
	s, err := New(Config{Timers: testTimers, Limits: DefaultLimits, Forward: testForward}, Parts{
		Store: NewStore(r.db), Recorder: rec, Numbers: payment.NewNumbers(r.db, name), Vault: vault, Network: r.net,
		Directory: func() *registry.Directory { return directory }, Tariffs: func() *tariffs.Set { return set },
		Observe: &r.seen, Log: paymenttest.Log(r.t), Now: r.clock.Now,
	})
	r.must(err)
	r.must(s.Prepare(r.t.Context()))
	return s, stop, stopped
}

func (r *rig) recorder(name string) (*recorder.Recorder, context.CancelFunc, chan struct{}) {
	r.t.Helper()
	rec, err := recorder.Open(r.t.Context(), recorder.Config{
		Address: r.address, Node: name, Lanes: 2, Observe: &r.seen, Lease: r.lease, Beat: r.lease / 3,
		AskAfter: r.asks, Check: r.check, DrainFor: r.drain,
		Log: paymenttest.Log(r.t), Now: r.clock.Now, Steady: r.clock.Steady,
	})
	r.must(err)
	stop, stopped := paymenttest.Run(rec.Run)
	return rec, stop, stopped
}

// endSoon has a stop of the node give up early what the database does not take.
func (r *rig) endSoon() {
	r.t.Helper()
	r.drain = 200 * time.Millisecond
	r.restart()
}

// rec is the recorder of the switch that the test works with.
func (r *rig) rec() *recorder.Recorder { return r.Switch.Recorder.(*recorder.Recorder) }

// queueing is the entry of a plan that queues a reversal.
func (r *rig) queueing(plan payment.Plan) *recorder.Entry {
	e := recorder.NewEntry(plan, r.clock.Now())
	e.STAN = 1
	return e
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) exec(sql string, args ...any) {
	r.t.Helper()
	_, err := r.owner.Exec(r.t.Context(), sql, args...)
	r.must(err)
}

// freeze takes an account out of use as the program does, with the barrier.
func (r *rig) freeze(id ledger.AccountID) {
	r.t.Helper()
	r.must(pgx.BeginFunc(r.t.Context(), r.owner, func(tx pgx.Tx) error { return ledger.Freeze(r.t.Context(), tx, id) }))
}

// reopen puts it back.
func (r *rig) reopen(id ledger.AccountID) {
	r.t.Helper()
	r.must(pgx.BeginFunc(r.t.Context(), r.owner, func(tx pgx.Tx) error { return ledger.Reopen(r.t.Context(), tx, id) }))
}

func (r *rig) directory() *registry.Directory {
	accounts, err := ledger.LoadAll(r.t.Context(), r.db, 100)
	r.must(err)
	var terminals []registry.Terminal
	for i := range 20 {
		terminals = append(terminals, registry.Terminal{
			ID: fmt.Sprintf("101000%02d", i+1), Agency: 101, Book: ledger.Live, Type: "14", State: ledger.Open,
		})
	}
	return registry.NewDirectory(
		[]registry.Agency{{Code: 101, Acceptor: acceptor, State: ledger.Open, Feed: true}}, terminals,
		[]registry.Service{{Code: "FORM", Agency: 101, State: ledger.Open}}, accounts)
}

const acceptor = "000000000000101"

func (r *rig) tariffs() *tariffs.Set {
	versions, err := tariffs.Parse("form.yaml", []byte(formTariff))
	r.must(err)
	set, err := tariffs.NewSet(versions)
	r.must(err)
	return set
}

const formTariff = `
service: FORM
agency: 101
title: {fa: فرم, en: Form}
from: 1400/01/01
basis: {instrument: قانون, article: "1", gazette: "1", gazette_date: 1400/01/01}
components:
  - code: form
    title: {fa: فرم, en: Form}
    per_unit: 1,000
    shares:
      - {account: P-101-01, percent: "70"}
      - {account: P-106-01, percent: "30"}
`

// purchase is a new request of 1,000 units, 1,000,000 rial.
func (r *rig) purchase() *Purchase {
	number := r.stan.Add(1)
	card, err := identity.ParsePAN("6037990000000014")
	r.must(err)
	return &Purchase{
		Identity: payment.Identity{Acquirer: "581672061", Acceptor: acceptor, Terminal: "10100001", STAN: fmt.Sprintf("%06d", number),
			LocalDate: calendar.DateOf(r.clock.Now()), LocalTime: "120000"},
		Amount: 1_000_000, Card: Card{PAN: card},
		Tariff: tariffs.Request{Service: "FORM", Units: 1000}, Content: Content{Operation: "000000", Currency: "364", Text: "SVC004FORMQTY0041000"},
	}
}

func (r *rig) reversalOf(p *Purchase) *ReversalRequest {
	return &ReversalRequest{Original: p.Identity, Amount: p.Amount}
}

// payment loads the payment of a request.
func (r *rig) payment(p *Purchase) payment.Payment {
	r.t.Helper()
	there, err := payment.Load(r.t.Context(), r.db, r.key(101, p.Identity))
	r.must(err)
	return there
}

// wantStatus holds the payment's status and reason.
func (r *rig) wantStatus(p *Purchase, s payment.Status, why payment.Reason) payment.Payment {
	r.t.Helper()
	there := r.payment(p)
	if there.Status != s || there.Reason != why {
		r.t.Fatalf("payment is %s (%s), want %s (%s)", there.Status, there.Reason, s, why)
	}
	return there
}

func (r *rig) wantCode(a Answer, c payment.Code) {
	r.t.Helper()
	if a.Code != c {
		r.t.Fatalf("answer %s, want %s", a.Code, c)
	}
}

// forward sends everything that is due and waits until it is recorded.
func (r *rig) forward() { forwardOnce(r.t.Context(), r.Switch) }

func forwardOnce(ctx context.Context, s *Switch) {
	f := s.newForwarder()
	f.limiter = rate.NewLimiter(rate.Inf, 1)
	for f.sendDue(ctx) {
	}
	f.wait()
}

// afterWindow sends what is due once the network's in-flight window is over.
func (r *rig) afterWindow() {
	r.clock.Advance(testTimers.SendBefore + testTimers.InFlight + time.Second)
	r.forward()
}

func (r *rig) count(sql string, args ...any) (n int) {
	r.t.Helper()
	r.must(r.owner.QueryRow(r.t.Context(), sql, args...).Scan(&n))
	return n
}

// balanceOf is credits less debits of an account over all days.
func (r *rig) balanceOf(a ledger.AccountID) int {
	return r.count(`SELECT coalesce(sum(credit) - sum(debit), 0)::bigint FROM balance WHERE account = $1`, a)
}

// holds checks every invariant, ours and against the network's own books.
func (r *rig) holds() {
	r.t.Helper()
	paymenttest.Holds(r.t, r.db)
	r.holdsAgainstNetwork()
}

// holdsAgainstNetwork is I3 over the network's books: every live debit there is
// posted here, or in doubt with a queued reversal or a case.
func (r *rig) holdsAgainstNetwork() {
	r.t.Helper()
	for rrn, live := range r.net.books() {
		p, err := payment.LoadByRRN(r.t.Context(), r.db, 101, rrn)
		r.must(err)
		switch {
		case live && (p.Status == payment.Declined && p.Reason != payment.ConflictingWord || p.Status == payment.Reversed && !p.Empty):
			r.t.Errorf("the network debited %s, we have it %s (%s)", rrn, p.Status, p.Reason)
		case !live && p.Status == payment.Approved:
			r.t.Errorf("the network did not debit %s, we have it approved", rrn)
		}
	}
}

func mustPAN(t testing.TB, s string) identity.PAN {
	t.Helper()
	p, err := identity.ParsePAN(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
