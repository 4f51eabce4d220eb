package recorder

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/calendar"
	"treasury-switch/internal/await/awaittest"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/payment/paymenttest"
)

// rig is a recorder on a database of its own, with a clock that the test can set forward.
type rig struct {
	*Recorder
	t       testing.TB
	clock   *paymenttest.Clock
	db      *pgxpool.Pool
	owner   *pgxpool.Pool
	address string
	stop    context.CancelFunc
	stopped chan struct{}
	seen    watching
	serial  int32
	asks    time.Duration  // after which a COMMIT is asked for; the default if zero
	drain   time.Duration  // of the recorders that are opened from now on; the default if zero
	lease   time.Duration  // of the recorders that are opened from now on; the default if zero
	check   postgres.Check // of their connections
}

func newRig(t *testing.T) *rig {
	t.Helper()
	t.Parallel() // tests wait for the database more than they compute
	r := &rig{t: t, clock: &paymenttest.Clock{}, db: testdb.New(t), owner: testdb.Owner(t), address: testdb.URL(t)}
	paymenttest.Seed(t, r.owner, false)
	r.Recorder, r.stop, r.stopped = r.node("node-1")
	t.Cleanup(func() { r.stop(); <-r.stopped })
	return r
}

// newRigThrough is a rig whose recorder reaches the database through a proxy.
func newRigThrough(t *testing.T) (*rig, *pgproxy.Proxy) {
	t.Helper()
	r := newRig(t)
	proxy, address := pgproxy.Through(t, r.address)
	r.address = address
	r.restart()
	return r, proxy
}

// node starts a recorder under that name on the rig's database.
func (r *rig) node(name string) (*Recorder, context.CancelFunc, chan struct{}) {
	r.t.Helper()
	rec, err := Open(r.t.Context(), Config{
		Address: r.address, Node: name, Lanes: 2, Observe: &r.seen, Lease: r.lease, Beat: r.lease / beatsInLease, AskAfter: r.asks,
		DrainFor: r.drain, Check: r.check, Log: paymenttest.Log(r.t), Now: r.clock.Now, Steady: r.clock.Steady,
	})
	r.must(err)
	return run(rec)
}

func run(rec *Recorder) (*Recorder, context.CancelFunc, chan struct{}) {
	stop, stopped := paymenttest.Run(rec.Run)
	return rec, stop, stopped
}

func (r *rig) restart() {
	r.t.Helper()
	r.stop()
	<-r.stopped
	r.Recorder, r.stop, r.stopped = r.node("node-1")
}

// own takes a lane out of the recorder's hands, so that the test writes its groups.
func (r *rig) own() *lane {
	r.t.Helper()
	l := r.lanes[0]
	r.stop()
	<-r.stopped
	l.conn, l.epoch = nil, 0
	r.t.Cleanup(l.close)
	return l
}

func groupOf(l *lane, entries ...*Entry) *group {
	g := newGroup(l)
	for _, e := range entries {
		l.take(g, e)
	}
	return g
}

// usurp takes all lanes away, as a node does that thinks theirs has ended.
func (r *rig) usurp() {
	r.t.Helper()
	r.exec(`UPDATE lane SET epoch = epoch + 1, owner = 'usurper', incarnation = '00000000-0000-0000-0000-0000000000aa' WHERE id > 0`)
}

// intent is the entry of a new payment.
func (r *rig) intent() *Entry {
	r.serial++
	return NewEntry(decided(payment.Payment{}, payment.Requested{Intent: intentOf(r.serial, r.clock.Now())}), r.clock.Now())
}

// patient is the entry of a new payment that has a minute to be sent.
func patient(serial int32) *Entry {
	now := time.Now()
	i := intentOf(serial, now)
	i.SendBefore, i.Deadline = now.Add(time.Minute), now.Add(time.Minute)
	return NewEntry(decided(payment.Payment{}, payment.Requested{Intent: i}), now)
}

// intentOf is that of 1,000,000 rial, the day's serial being given.
func intentOf(serial int32, now time.Time) *payment.Intent {
	day := calendar.DateOf(now)
	i := &payment.Intent{
		Key: payment.Key{Agency: 101, OpenedOn: day}, Book: ledger.Live, Channel: payment.POS, Processing: "000000", RRN: payment.NewRRN(day, serial),
		Amount: 1_000_000, First6: "603799", Last4: "0014", Sealed: make([]byte, 44), KeyDay: day, OpenedAt: now,
		SendBefore: now.Add(3 * time.Second), Deadline: now.Add(5 * time.Second),
		Price: payment.Price{Service: "FORM", Shares: []payment.Share{{Account: paymenttest.Share1, Amount: 700_000}, {Account: paymenttest.Share2, Amount: 300_000}}},
	}
	i.Identity = payment.Identity{Acquirer: "581672000", Acceptor: "000000000000101", Terminal: "10100001", STAN: fmt.Sprintf("%06d", serial), LocalDate: day, LocalTime: "120000"}
	binary.BigEndian.PutUint32(i.ID[:], uint32(serial))
	return i
}

// decided is what follows from an event.
func decided(p payment.Payment, e payment.Event) payment.Plan {
	plan, err := payment.Decide(p, e)
	if err != nil {
		panic(err)
	}
	return plan
}

// noAnswer is the network's silence, which has a payment reversed.
var noAnswer = payment.Silence{Reason: payment.NoAnswer}

// approvalOf is the network's answer that it has debited a payment.
func approvalOf(p payment.Payment) payment.Answered {
	return payment.Answered{Word: payment.SaidApproved, Code: payment.OK, Approval: "654321", Amount: p.Amount, Currency: true,
		Day: calendar.DateOf(p.OpenedAt)}
}

// recorded is a new payment whose intent is durable.
func (r *rig) recorded() payment.Payment {
	r.t.Helper()
	return r.written(r.intent())
}

// approval is the entry of the approval of a new payment.
func (r *rig) approval() *Entry {
	r.t.Helper()
	p := r.recorded()
	return NewEntry(decided(p, approvalOf(p)), r.clock.Now())
}

// silence is the entry of the network's silence about a payment, which queues its reversal.
func (r *rig) silence(p payment.Payment) *Entry {
	e := NewEntry(decided(p, noAnswer), r.clock.Now())
	e.STAN = 1
	return e
}

// pays records a payment and its approval.
func (r *rig) pays() payment.Payment {
	r.t.Helper()
	return r.written(r.approval())
}

// written hands an entry over and waits until it is durable.
func (r *rig) written(e *Entry) payment.Payment {
	r.t.Helper()
	if o, err := r.Record(r.t.Context(), e); o != Written || err != nil {
		r.t.Fatalf("outcome %d, %v", o, err)
	}
	return e.Plan.Payment
}

// writes records an entry on a lane that the test has in its hands.
func (r *rig) writes(l *lane, e *Entry) payment.Payment {
	r.t.Helper()
	l.record(r.t.Context(), groupOf(l, e))
	if o, err := e.Wait(r.t.Context()); o != Written || err != nil {
		r.t.Fatalf("outcome %d, %v", o, err)
	}
	return e.Plan.Payment
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

func (r *rig) count(sql string, args ...any) (n int) {
	r.t.Helper()
	r.must(r.owner.QueryRow(r.t.Context(), sql, args...).Scan(&n))
	return n
}

func (r *rig) eventually(ok func() bool) { r.t.Helper(); awaittest.Until(r.t, ok) }

func (r *rig) holds() { r.t.Helper(); paymenttest.Holds(r.t, r.db) }

// watching counts the alarms.
type watching struct {
	mu     sync.Mutex
	alarms map[payment.Reason]int
}

func (*watching) Group(GroupWritten)       {}
func (*watching) GroupFailed(GroupFailure) {}

func (w *watching) Alarm(why payment.Reason) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.alarms == nil {
		w.alarms = map[payment.Reason]int{}
	}
	w.alarms[why]++
}

func (w *watching) alarmed(why payment.Reason) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.alarms[why]
}
