package recorder

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"treasury-switch/internal/await/awaittest"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/pgproxy"
	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/postgres"
	"treasury-switch/migrations"
	"treasury-switch/switch/payment/paymenttest"
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
	rec, err := Open(t.Context(), Config{Address: address, Node: "alone", Lanes: 1, AskAfter: asks, Observe: &watching{},
		Log: paymenttest.Log(t), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, stop, stopped := run(rec)
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

// hanging is an entry whose COMMIT waits for a standby. The server notices a moment after its reload that it has to.
func hanging(t *testing.T, rec *Recorder) *Entry {
	t.Helper()
	for serial := int32(2); ; serial++ {
		e := patient(serial)
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
	first := patient(1)
	if o, err := rec.Record(t.Context(), first); o != Written || err != nil {
		t.Fatal(o, err)
	}
	asOwner(t, address, wantStandby, reload)
	const waits = `SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name LIKE 'treasury-switch lane%'
		AND xact_start < clock_timestamp() - interval '12 s'`
	e := hanging(t, rec)
	awaittest.Until(t, func() bool { return asOwner(t, address, waits) == 1 })
	if e.Settled() {
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
	proxy, address := pgproxy.Through(t, old)
	rec := alone(t, address, 300*time.Millisecond)
	if o, err := rec.Record(t.Context(), patient(1)); o != Written || err != nil {
		t.Fatal(o, err)
	}
	asOwner(t, old, wantStandby, reload)
	e := hanging(t, rec)
	proxy.Lead(present)
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
	e := r.approval()
	proxy.Set(pgproxy.Hold)
	r.must(r.Submit(e))
	r.eventually(proxy.Fired)
	proxy.SetHalfOpen()
	r.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'treasury-switch lane node-1/%'
		AND state = 'idle in transaction' OR datname = current_database() AND application_name LIKE 'treasury-switch lane node-1/%' AND xact_start IS NOT NULL`)
	limited, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if o, err := e.Wait(limited); o != Written || err != nil {
		t.Errorf("outcome %d, %v", o, err)
	}
	r.holds()
}

// H12: the way to the database goes silent in the middle of a group: half of it has arrived, nobody hears anything any more, and the server
// waits for the rest with the lane's row locked. The lane ends that session from its next connection and writes the group again.
func TestH12_SilentInTheMiddleOfACopy(t *testing.T) {
	r, proxy := newRigThrough(t)
	for range 2 { // The lane has seen the day open.
		r.pays()
	}
	l := r.of(101)
	l.limit = 500 * time.Millisecond
	e := r.approval()
	proxy.Silence()
	limited, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r.must(r.Submit(e))
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

// Sessions of lanes have limits of their own at the server.
func TestSessionsOfLanesHaveLimits(t *testing.T) {
	r := newRig(t)
	l := r.own()
	r.writes(l, r.intent())
	for setting, want := range map[string]string{"statement_timeout": "10s", "idle_in_transaction_session_timeout": "10s", "lock_timeout": "2s",
		"synchronous_commit": "on"} {
		var got string
		r.must(l.conn.conn.QueryRow(t.Context(), `SELECT current_setting($1)`, setting).Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", setting, got, want)
		}
	}
}
