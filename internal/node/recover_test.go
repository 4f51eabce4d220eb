package node

import (
	"context"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/metrics"
	"treasury-switch/internal/testdb"
)

// crashed leaves a payment without an outcome, as a process does that dies in the middle of it.
func crashed(t *testing.T, at time.Time) {
	t.Helper()
	day, owner := calendar.DateOf(at).Time(), testdb.Owner(t)
	for _, table := range []string{"payment", "event", "transfer"} {
		if _, err := owner.Exec(t.Context(), `SELECT ensure_month_partitions($1, $2::date, 2)`, table, day); err != nil {
			t.Fatal(err)
		}
	}
	_, err := owner.Exec(t.Context(), `
		INSERT INTO payment (agency, opened_on, id, rrn, amount, opened_at, send_before, deadline, fingerprint, pan_token, key_day, book,
		       feed, channel, acquirer, acceptor, terminal, stan, local_time, processing, reference, price, pan_first6, pan_last4, sealed_pan)
		VALUES (101, $1, gen_random_uuid(), 524700000001, 1000, $2, $2, $2, gen_random_uuid(), gen_random_uuid(), $1, 1,
		       false, 'pos', '581672000', '000000000000101', '10100001', '000001', '101010', '000000', '', '{}', '603799', '0014', 'sealed')`,
		day, at)
	if err != nil {
		t.Fatal(err)
	}
}

// recovered starts a node up to its recovery.
func recovered(t *testing.T) *Node {
	t.Helper()
	_, address := standIn(t, "127.0.0.1:0")
	config := testConfig(t, address)
	n := &Node{config: config, log: config.Log, failed: make(chan error, 8), metrics: metrics.New("test")}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	for _, s := range n.steps() {
		if err := s.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if s.name == "recovery" {
			break
		}
	}
	if n.listener.Load() != nil {
		t.Error("terminals are served before the recovery")
	}
	return n
}

// A payment that a crash left without an outcome has one before the first terminal is served.
func TestPaymentsInDoubtAreDecidedBeforeTerminalsAreServed(t *testing.T) {
	crashed(t, time.Now().Add(-time.Hour))
	recovered(t)
	var status, reason string
	if err := testdb.Owner(t).QueryRow(t.Context(), `SELECT status, reason FROM event`).Scan(&status, &reason); err != nil {
		t.Fatalf("the payment in doubt has no outcome: %v", err)
	}
	if status != "REVERSING" || reason != "interrupted" {
		t.Errorf("it is %s for %s", status, reason)
	}
}

// C12: a payment whose outcome the database refuses keeps no node from starting.
func TestC12_OnePaymentKeepsNoNodeFromStarting(t *testing.T) {
	crashed(t, time.Now().Add(-time.Hour))
	_, err := testdb.Owner(t).Exec(t.Context(), `
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION refuse()`)
	if err != nil {
		t.Fatal(err)
	}
	recovered(t)
	var left int
	if err := testdb.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM open_payment`).Scan(&left); err != nil || left != 1 {
		t.Errorf("%d payments are left to be tried again, %v", left, err)
	}
}

// C12: another connection keeps the record of one payment without an outcome from being written, for as long as it likes. The node starts
// all the same, and has ended the other one.
func TestC12_ALockedRowKeepsNoNodeFromStarting(t *testing.T) {
	crashed(t, time.Now().Add(-time.Hour))
	crashed(t, time.Now().Add(-time.Hour))
	holder, err := testdb.Owner(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback(context.WithoutCancel(t.Context())) }() // Nobody waits for it any more.
	_, err = holder.Exec(t.Context(), `
		INSERT INTO event (agency, opened_on, payment, version, plan_id, at, was, status, reason, actor, network, told, approval)
		SELECT agency, opened_on, id, 1, 1, now(), 'PENDING', 'REVERSING', 'interrupted', '', '', '', '' FROM payment LIMIT 1`)
	if err != nil {
		t.Fatal(err)
	}
	recovered(t)
	until(t, "the end of the other payment", func() bool {
		var ended int
		err := testdb.New(t).QueryRow(t.Context(), `SELECT count(*) FROM event WHERE status = 'REVERSING' AND reason = 'interrupted'`).Scan(&ended)
		return err == nil && ended == 1
	})
}
