package switching

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"treasury-switch/internal/await/awaittest"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// B: the durable intent.

// B1: the process or its database connection dies before the INSERT. Nothing is
// there, and the terminal's retry succeeds.
func TestB1_DiesBeforeInsert(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.purchase()
	proxy.SetDown(true)
	r.wantCode(r.Purchase(t.Context(), p), payment.Inoperative)
	if n := r.count(`SELECT count(*) FROM payment`); n != 0 {
		t.Errorf("%d traces", n)
	}
	proxy.SetDown(false)
	r.retryUntil(p, payment.OK)
	r.onlyDebit()
	r.holds()
}

// B2: INSERT was sent, COMMIT never arrived.
func TestB2_CommitNeverArrived(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.purchase()
	proxy.Set(pgproxy.Drop)
	r.Purchase(t.Context(), p)
	if !proxy.Fired() {
		t.Fatal("no COMMIT was dropped")
	}
	r.retryUntil(p, payment.OK)
	r.onlyDebit()
	r.holds()
}

// B3: COMMIT was done and its confirmation lost. The repetition on a new
// connection finds its own row and goes on: one intent, one debit.
func TestB3_CommitConfirmationLost(t *testing.T) {
	r, proxy := newRigThrough(t)
	p := r.purchase()
	proxy.Set(pgproxy.LoseReceipt)
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	if !proxy.Fired() {
		t.Fatal("no confirmation was lost")
	}
	r.wantCode(r.Purchase(t.Context(), p), payment.OK)
	r.onlyDebit()
	r.holds()
}

// B4: the database is down on arrival: 91 before anything is sent.
func TestB4_DatabaseDownOnArrival(t *testing.T) {
	r, proxy := newRigThrough(t)
	proxy.SetDown(true)
	for range 3 {
		r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	}
	if sent, _ := r.net.counts(); sent != 0 {
		t.Errorf("%d debits sent from memory", sent)
	}
	proxy.SetDown(false)
	r.retryUntil(r.purchase(), payment.OK)
	r.holds()
}

// B5: the database is slower than the intent may wait. 91, never sent; the row
// that turns up later is swept, and the network has nothing to reverse.
func TestB5_DatabaseSlowerThanTheBudget(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.cfg.Timers.SendBefore = 150 * time.Millisecond
	p := r.purchase()
	proxy.Set(pgproxy.Hold)
	r.wantCode(r.Purchase(t.Context(), p), payment.Inoperative)
	close(proxy.Release)
	r.eventually(func() bool { return r.count(`SELECT count(*) FROM payment`) == 1 })
	r.interrupted(p)
	if sent, _ := r.net.counts(); sent != 0 {
		t.Errorf("%d debits sent", sent)
	}
	r.holds()
}

// B6: the server takes no writes any more, as a demoted primary: refuse, and
// reconnect.
func TestB6_ReadOnlyServer(t *testing.T) {
	r := newRig(t)
	r.readOnly(true)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	if sent, _ := r.net.counts(); sent != 0 {
		t.Errorf("%d debits sent", sent)
	}
	r.readOnly(false)
	r.retryUntil(r.purchase(), payment.OK)
	r.holds()
}

// B7: serialization failures and deadlocks are repeated under the same key.
func TestB7_SerializationFailureIsRepeated(t *testing.T) {
	for _, state := range []string{"40001", "40P01", "55P03"} {
		t.Run(state, func(t *testing.T) {
			r := newRig(t)
			r.failing("payment", state, 3)
			p := r.purchase()
			r.wantCode(r.Purchase(t.Context(), p), payment.OK)
			r.onlyDebit()
			r.holds()
		})
	}
}

// B8: two nodes insert the same key at once: one wins, the other waits on it.
func TestB8_TwinsOnTwoNodes(t *testing.T) {
	r := newRig(t)
	other, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	var all sync.WaitGroup
	for range 20 {
		p := r.purchase()
		for _, node := range []*Switch{r.Switch, other} {
			all.Go(func() {
				if a := node.Purchase(t.Context(), p); a.Code != payment.OK {
					t.Errorf("answer %s", a.Code)
				}
			})
		}
	}
	all.Wait()
	if sent, _ := r.net.counts(); sent != 20 {
		t.Errorf("%d debits for 20 requests", sent)
	}
	r.holds()
}

// B9 and C1: the process dies between the intent and the first byte. Nobody can
// know, so it is reversed; the network has nothing, twice, and it is closed.
func TestB9_DiesBetweenIntentAndDispatch(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.intentOnly(p)
	r.interrupted(p)
	r.holds()
}

func TestC1_DiesBeforeTheFirstByte(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	r.intentOnly(p)
	r.must(r.SweepOnce(t.Context(), 0)) // too early: its process may be alive
	if r.payment(p).Status != payment.Pending {
		t.Error("swept before its deadline")
	}
	r.interrupted(p)
	r.holds()
}

// intentOnly records the intent of a purchase and dies.
func (r *rig) intentOnly(p *Purchase) payment.Payment {
	r.t.Helper()
	e := r.intentOf(p)
	outcome, err := r.Recorder.Record(r.t.Context(), e)
	r.must(err)
	if outcome != recorder.Written {
		r.t.Fatalf("outcome %d", outcome)
	}
	return e.Plan.Payment
}

// intentOf is the plan of a purchase's intent, ready to be recorded.
func (r *rig) intentOf(p *Purchase) *recorder.Entry {
	r.t.Helper()
	term, _ := r.Directory().Terminal(p.Terminal)
	began := r.clock.Now()
	d := r.Switch.terms(began)
	i, err := r.intent(r.t.Context(), term, p, r.key(101, p.Identity), r.fingerprint(p), began, d.admit(term, p))
	r.must(err)
	plan, err := payment.Decide(payment.Payment{}, payment.Requested{Intent: i})
	r.must(err)
	return recorder.NewEntry(plan, began)
}

// interrupted sweeps a payment without outcome and follows it to its end where
// the network never saw it.
func (r *rig) interrupted(p *Purchase) {
	r.t.Helper()
	r.clock.Advance(testTimers.Switch + testTimers.Grace + time.Second)
	r.must(r.SweepOnce(r.t.Context(), 0))
	r.wantStatus(p, payment.Reversing, payment.Interrupted)
	r.wantCode(r.Purchase(r.t.Context(), p), payment.OutcomeUnknown)
	r.afterWindow()
	r.wantStatus(p, payment.Reversing, payment.NotFoundOnce)
	r.afterWindow()
	r.wantStatus(p, payment.Reversed, payment.NothingToReverse)
}

func (r *rig) onlyDebit() {
	r.t.Helper()
	if sent, _ := r.net.counts(); sent != 1 {
		r.t.Errorf("%d debits sent, want 1", sent)
	}
	if n := r.count(`SELECT count(*) FROM payment`); n != 1 {
		r.t.Errorf("%d intents, want 1", n)
	}
}

// retryUntil repeats a request as a terminal does, until it gets the answer.
func (r *rig) retryUntil(p *Purchase, want payment.Code) {
	r.t.Helper()
	r.eventually(func() bool { return r.Purchase(r.t.Context(), p).Code == want })
}

// eventually waits for a condition that another goroutine brings about.
func (r *rig) eventually(ok func() bool) { r.t.Helper(); awaittest.Until(r.t, ok) }

// failing makes the next n inserts into a table fail with an SQLSTATE.
func (r *rig) failing(table, state string, n int) {
	r.t.Helper()
	r.exec(`CREATE SEQUENCE failures; GRANT USAGE ON SEQUENCE failures TO PUBLIC`)
	r.exec(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF nextval('failures') <= ` + strconv.Itoa(n) + ` THEN RAISE EXCEPTION 'made to fail' USING ERRCODE = '` + state + `'; END IF;
		RETURN NULL; END $$`)
	r.exec(`CREATE TRIGGER fail BEFORE INSERT ON ` + table + ` FOR EACH STATEMENT EXECUTE FUNCTION fail()`)
}

// readOnly makes the database refuse writes, as a demoted primary does.
func (r *rig) readOnly(on bool) {
	r.t.Helper()
	value := map[bool]string{true: "on", false: "off"}[on]
	r.exec(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = ` + value + `', current_database()); END $$`)
	r.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name LIKE 'treasury-switch lane%'`)
}
