package switching

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/postgres"
	"treasury-switch/migrations"
	"treasury-switch/switch/payment"
)

// What a lane does when its connection, or the server behind it, is not what it seems.

// privateServer is a migrated server of the test's own, on which it may change what holds for all.
func privateServer(t *testing.T) string {
	t.Helper()
	server, err := pgserver.Start(t.Context(), pgserver.Options{Folder: t.TempDir(), Volatile: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if _, err := migrations.Up(t.Context(), server.URL("postgres")); err != nil {
		t.Fatal(err)
	}
	address := server.URL("postgres")
	t.Cleanup(func() { asOwner(t, address, wantNobody, reload) }) // Nobody waits for a standby at the end.
	return address
}

// alone is a recorder of one lane on a server.
func alone(t *testing.T, address string, asks time.Duration) *Recorder {
	t.Helper()
	rec, err := OpenRecorder(t.Context(), RecorderConfig{Address: address, Node: "alone", Lanes: 1, AskAfter: asks, Observe: Silent{},
		Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() { rec.Run(ctx); close(stopped) }()
	t.Cleanup(func() { stop(); <-stopped })
	return rec
}

// asOwner does something on a server as its owner, and asks it for a number.
func asOwner(t *testing.T, address string, statements ...string) (n int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := postgres.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for i, s := range statements {
		if i == len(statements)-1 {
			err = conn.QueryRow(ctx, s).Scan(&n)
		} else {
			_, err = conn.Exec(ctx, s)
		}
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return n
}

func until(t *testing.T, ok func() bool) {
	t.Helper()
	(&rig{t: t}).eventually(ok)
}

// hanging is an entry whose COMMIT waits for a standby. The server notices a moment after its reload that it has to.
func hanging(t *testing.T, rec *Recorder) *Entry {
	t.Helper()
	for serial := int32(2); ; serial++ {
		e := benchIntent(serial)
		e.Plan.Payment.SendBefore = e.Plan.Payment.SendBefore.Add(time.Hour)
		if err := rec.Submit(e); err != nil {
			t.Fatal(err)
		}
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := e.Wait(soon)
		cancel()
		if fault.Is(err, fault.Unknown) {
			return e
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const (
	wantStandby = `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`
	wantNobody  = `ALTER SYSTEM RESET synchronous_standby_names`
	reload      = `SELECT pg_reload_conf()::int`
)

// H2: COMMIT waits for a standby for as long as that takes: no limit of a statement or a transaction of the session strikes, and the watch
// leaves the primary that it waits for alone. When the standby is there, the payment is.
func TestH2_CommitWaitsForItsStandby(t *testing.T) {
	t.Parallel()
	address := privateServer(t)
	rec := alone(t, address, 200*time.Millisecond)
	first := benchIntent(1)
	if o, err := rec.Record(t.Context(), first); o != Written || err != nil {
		t.Fatal(o, err)
	}
	asOwner(t, address, wantStandby, reload)
	const waits = `SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE 'treasury-switch lane%'
		AND xact_start < clock_timestamp() - interval '12 s'`
	e := hanging(t, rec)
	until(t, func() bool { return asOwner(t, address, waits) == 1 })
	if e.settled() {
		t.Fatal("it was told before its standby had it")
	}
	asOwner(t, address, wantNobody, reload)
	if o, err := e.Wait(t.Context()); o != Written || err != nil {
		t.Errorf("outcome %d, %v", o, err)
	}
	if n := asOwner(t, address, `SELECT max(epoch)::int FROM lane`); n != 1 {
		t.Errorf("epoch %d: the connection was given up", n)
	}
}

// H1, H2: the primary was replaced while a COMMIT waited for its standby. It will never answer. The lane asks the present one, and settles
// there what became of the group.
func TestH1_TheServerOfACommitWasReplaced(t *testing.T) {
	t.Parallel()
	old, present := privateServer(t), privateServer(t)
	proxy, address := through(t, old)
	rec := alone(t, address, 300*time.Millisecond)
	if o, err := rec.Record(t.Context(), benchIntent(1)); o != Written || err != nil {
		t.Fatal(o, err)
	}
	asOwner(t, old, wantStandby, reload)
	e := hanging(t, rec)
	proxy.lead(present)
	limited, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if o, err := e.Wait(limited); o != Written || err != nil {
		t.Errorf("outcome %d, %v", o, err)
	}
	if n := asOwner(t, present, `SELECT count(*)::int FROM payment`); n != 1 {
		t.Errorf("%d payments at the present primary, want the one in doubt", n)
	}
	asOwner(t, old, wantNobody, reload)
}

// H1: the server has lost the session in whose COMMIT the lane waits, and the lane never heard of it.
func TestH1_TheSessionOfACommitIsGone(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.asks = 300 * time.Millisecond
	r.restart()
	e := r.approvalEntry()
	proxy.set(holdCommit)
	r.must(r.rec().Submit(e))
	r.eventually(proxy.fired)
	proxy.setHalfOpen()
	r.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'treasury-switch lane node-1/%'
		AND state = 'idle in transaction' OR datname = current_database() AND application_name LIKE 'treasury-switch lane node-1/%' AND xact_start IS NOT NULL`)
	limited, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if o, err := e.Wait(limited); o != Written || err != nil {
		t.Errorf("outcome %d, %v", o, err)
	}
	r.holds()
}

// approvalEntry is the approval of a new payment, ready to be recorded.
func (r *rig) approvalEntry() *Entry {
	r.t.Helper()
	there := r.intentOnly(r.purchase())
	said, err := r.net.approve(r.t.Context(), Debit{Intent: there.Intent})
	r.must(err)
	plan, err := payment.Decide(there, said)
	r.must(err)
	return &Entry{Plan: plan, At: r.clock.now()}
}

// H12: the way to the database goes silent in the middle of a group: half of it has arrived, nobody hears anything any more, and the server
// waits for the rest with the lane's row locked. The lane ends that session from its next connection and writes the group again.
func TestH12_SilentInTheMiddleOfACopy(t *testing.T) {
	r, proxy := newRigThrough(t)
	for range 2 { // The lane has seen the day open.
		r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	}
	l := r.rec().of(101)
	l.limit = 500 * time.Millisecond
	e := r.approvalEntry()
	proxy.silence()
	limited, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r.must(r.rec().Submit(e))
	const stuck = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'treasury-switch lane%'
		AND wait_event = 'ClientRead' AND state = 'active' AND xact_start IS NOT NULL
`
	r.eventually(func() bool { return r.count(stuck) == 1 }) // In the middle of COPY.
	if o, err := e.Wait(limited); o != Written || err != nil {
		t.Fatalf("outcome %d, %v", o, err)
	}
	if n := r.count(stuck); n != 0 {
		t.Errorf("%d sessions still hold a group that will never be whole", n)
	}
	if n := r.count(`SELECT count(*) FROM event WHERE plan_id = $1`, e.planID); n != 1 {
		t.Errorf("%d records of the plan", n)
	}
	r.holds()
}

// B11: what the database does not know or does not permit is a bug: its members are refused, operators are told, and no connection is given
// up for it.
func TestB11_AStatementTheDatabaseDoesNotKnow(t *testing.T) {
	for _, state := range []string{"0A000", "42501", "42703"} {
		t.Run(state, func(t *testing.T) {
			r := newRig(t)
			r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
			sessions := `SELECT hashtext(string_agg(pid::text || backend_start, '' ORDER BY pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'treasury-switch lane node-1/%'`
			before := r.count(sessions)
			r.failing("payment", state, 3)
			for range 3 {
				r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
			}
			if err := r.rec().Hindrance(); !fault.Is(err, fault.Bug) {
				t.Errorf("what keeps it from taking payments is %v", err)
			}
			if n := r.seen.alarmed(payment.StatementRefused); n != 3 {
				t.Errorf("%d alarms for three groups", n)
			}
			r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
			if r.count(sessions) != before {
				t.Error("a connection was given up")
			}
			if err := r.rec().Hindrance(); err != nil {
				t.Errorf("when it is over: %v", err)
			}
			r.holds()
		})
	}
}

// H4, H7: every new connection of a lane is looked at. One to an old primary is not worked with; payments are refused until it leads to the present one.
func TestH7_ALaneRefusesAnOldPrimary(t *testing.T) {
	r, proxy := newRigThrough(t)
	var old atomic.Bool
	r.check = func(postgres.Identity) error {
		if old.Load() {
			return errors.New("an old primary")
		}
		return nil
	}
	r.restart()
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	old.Store(true)
	proxy.cut()
	r.eventually(func() bool {
		return r.Purchase(t.Context(), r.purchase()).Code == payment.Inoperative && !r.rec().Ready()
	})
	there := r.count(`SELECT count(*) FROM payment`)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	if n := r.count(`SELECT count(*) FROM payment`); n != there {
		t.Errorf("%d payments were recorded at an old primary", n-there)
	}
	old.Store(false)
	r.retryUntil(r.purchase(), payment.OK)
	r.holds()
}

// A node is not ready while a lane hangs in a group, or turns payments away, and for a moment after.
func TestANodeIsNotReadyWhileALaneHangs(t *testing.T) {
	r, proxy := newRigThrough(t)
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.OK)
	r.eventually(r.rec().Ready)
	proxy.set(holdCommit)
	held := r.intentOf(r.purchase())
	r.must(r.rec().Submit(held))
	r.eventually(proxy.fired)
	if err := r.rec().Hindrance(); err != nil {
		t.Errorf("a COMMIT under way: %v", err)
	}
	r.clock.advance(DefaultPatience + time.Millisecond)
	if r.rec().Ready() {
		t.Error("ready while payments would be turned away")
	}
	r.clock.advance(hungAfter)
	if err := r.rec().Hindrance(); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after %s in one group: %v", hungAfter, err)
	}
	r.wantCode(r.Purchase(t.Context(), r.purchase()), payment.Inoperative)
	close(proxy.release)
	_, err := held.Wait(t.Context())
	r.must(err)
	r.eventually(func() bool { return r.rec().of(101).writing() == 0 })
	if r.rec().Ready() {
		t.Error("ready at once after payments were turned away")
	}
	r.clock.advance(shedMemory)
	r.eventually(r.rec().Ready)
}

// Sessions of lanes have limits of their own at the server.
func TestSessionsOfLanesHaveLimits(t *testing.T) {
	r := newRig(t)
	l := r.own()
	r.intentEntry(l)
	for setting, want := range map[string]string{"statement_timeout": "10s", "idle_in_transaction_session_timeout": "10s", "lock_timeout": "2s",
		"synchronous_commit": "on"} {
		var got string
		r.must(l.conn.conn.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
}

// Each thing that keeps a lane from recording is said by itself.
func TestWhatHinders(t *testing.T) {
	now := time.Minute
	for what, c := range map[string]struct {
		hinder func(l *lane)
		says   string
	}{
		"no connection":        {func(l *lane) { l.down.Store(true) }, "lane 0 has lost its connection and is getting a new one"},
		"refused statements":   {func(l *lane) { l.refused.Store(true) }, "the database refuses the statements of lane 0"},
		"a group that hangs":   {func(l *lane) { l.trying.Store(int64(now - hungAfter - 1)) }, "lane 0 has been writing one group for 5s"},
		"payments turned away": {func(l *lane) { l.shed.Store(int64(now)) }, "lane 0 turns payments away, because those before them wait too long"},
		"a wait that is too long": {func(l *lane) {
			l.busy.Store(1)
			l.oldest.Store(1)
			l.patience = time.Second
		}, "lane 0 turns payments away, because those before them wait too long"},
	} {
		l := &lane{patience: time.Hour, steady: func() time.Duration { return now }}
		r := &Recorder{lanes: []*lane{l}}
		if err := r.Hindrance(); err != nil {
			t.Fatalf("a lane at rest: %v", err)
		}
		c.hinder(l)
		if err := r.Hindrance(); err == nil || err.Error() != c.says {
			t.Errorf("%s: %v", what, err)
		}
	}
	if (&Recorder{}).Ready() {
		t.Error("ready without a lane")
	}
}
