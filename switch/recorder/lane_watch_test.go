package recorder

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// A lane is dead when its beat has certainly not changed for a lease, by what the watcher has seen and by his own clock.
func TestALaneIsDeadWhenItsBeatStandsStill(t *testing.T) {
	w := &laneWatch{lease: 30 * time.Second}
	at := func(asked, answered int, beats ...laneBeat) []laneBeat {
		return w.note(beats, time.Duration(asked)*time.Second, time.Duration(answered)*time.Second)
	}
	a, b := laneBeat{ID: 1, Epoch: 1, Beat: 7}, laneBeat{ID: 2, Epoch: 1, Beat: 7}
	moved, taken := a, a
	moved.Beat, taken.Epoch = 8, 2
	for _, step := range []struct {
		asked, answered int
		beats           []laneBeat
		dead            []laneBeat
	}{
		{100, 108, []laneBeat{a}, nil},                      // The first look: what it was before is not known.
		{137, 137, []laneBeat{a, b}, nil},                   // It may have beaten until 108.
		{138, 138, []laneBeat{a, b}, []laneBeat{a}},         // It has not for a lease.
		{150, 150, []laneBeat{moved, b}, nil},               // It beat after all.
		{170, 170, []laneBeat{moved, b}, []laneBeat{b}},     // The other one does not.
		{179, 179, []laneBeat{moved}, nil},                  // The other one was given back or taken.
		{181, 181, []laneBeat{moved, b}, []laneBeat{moved}}, // It is there again, and begins anew.
		{182, 182, []laneBeat{taken, b}, nil},               // Another process has it.
	} {
		if got := at(step.asked, step.answered, step.beats...); !slices.Equal(got, step.dead) {
			t.Errorf("at %d s: dead %v, want %v", step.asked, got, step.dead)
		}
	}
}

// H11: a node loses its power, or is stopped, in the middle of a COPY. Its server side is active and waits for rows that never come, its row of
// table lane is locked. Another node ends that session, takes the lane, and knows that somebody has ended.
func TestH11_AHalfSentGroupIsEnded(t *testing.T) {
	r := newRig(t)
	r.lease = 300 * time.Millisecond
	r.restart()
	r.exec(`INSERT INTO lane (id, epoch, beat, owner, incarnation) VALUES (9, 1, 1, 'ghost/0', '00000000-0000-0000-0000-0000000000aa')`)
	halfSent(t, r.address, "ghost/0", 9)
	_, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	r.eventually(func() bool {
		return r.count(`SELECT count(*) FROM lane WHERE id = 9 AND epoch = 2 AND incarnation IS NULL`) == 1
	})
	if n := r.count(`SELECT count(*) FROM pg_stat_activity WHERE application_name = 'treasury-switch lane ghost/0' AND datname = current_database()`); n != 0 {
		t.Errorf("%d sessions of the ghost", n)
	}
	if n := r.count(`SELECT count(*) FROM lane WHERE abandoned_at IS NOT NULL`); n != 1 {
		t.Errorf("%d lanes were abandoned, want the ghost's alone", n)
	}
}

// halfSent begins a group on a lane as a node does, and stops in the middle of a row.
func halfSent(t *testing.T, address, owner string, lane int16) *pgx.Conn {
	t.Helper()
	config, err := postgres.Config(address)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["application_name"] = "treasury-switch " + laneSession + owner
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.PgConn().Conn().Close() })
	if _, err := conn.Exec(t.Context(), `BEGIN`); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `UPDATE lane SET beat = beat + 1 WHERE id = $1`, lane); err != nil {
		t.Fatal(err)
	}
	query, err := (&pgproto3.Query{String: "COPY sweep_mark FROM STDIN"}).Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.PgConn().Conn().Write(append(query, 'd', 0, 0, 0, 100, '1')); err != nil {
		t.Fatal(err)
	}
	return conn
}

// A lane whose server is busy, as in a COMMIT that waits for a standby, is not ended, however long it takes.
func TestABusySessionIsNotEnded(t *testing.T) {
	r := newRig(t)
	r.exec(`INSERT INTO lane (id, epoch, beat, owner, incarnation) VALUES (9, 1, 1, 'busy/0', '00000000-0000-0000-0000-0000000000aa')`)
	config, err := postgres.Config(r.address)
	r.must(err)
	config.RuntimeParams["application_name"] = "treasury-switch " + laneSession + "busy/0"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	r.must(err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `BEGIN`)
	r.must(err)
	_, err = conn.Exec(t.Context(), `UPDATE lane SET beat = beat + 1 WHERE id = 9`)
	r.must(err)
	done := make(chan error, 1)
	go func() { _, err := conn.Exec(t.Context(), `SELECT pg_sleep(2)`); done <- err }()
	r.lease = 300 * time.Millisecond
	_, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	r.must(<-done)
	_, err = conn.Exec(t.Context(), `ROLLBACK`)
	r.must(err)
	r.eventually(func() bool { return r.count(`SELECT count(*) FROM lane WHERE id = 9 AND incarnation IS NULL`) == 1 })
}

// Lanes that have not been looked at say nothing of whether their nodes live, and the sweep must not move its mark.
func TestUnwatchedLanesAreNotKnownToLive(t *testing.T) {
	now := time.Duration(0)
	rec := &Recorder{watch: &laneWatch{lease: time.Second, steady: func() time.Duration { return now }}}
	if err := rec.Watching(); err != nil {
		t.Errorf("at the start: %v", err)
	}
	now = time.Second + 1
	if err := rec.Watching(); !fault.Is(err, fault.Unavailable) {
		t.Errorf("after a lease without a look: %v, want unavailable", err)
	}
}

// Lease and beat fit each other.
func TestLeaseAndBeat(t *testing.T) {
	for _, c := range []struct {
		lease, beat time.Duration
		good        bool
	}{
		{DefaultLease, DefaultBeat, true}, {MaxLease, time.Second, true}, {3 * time.Second, time.Second, true},
		{3*time.Second - 1, time.Second, false}, {MaxLease + 1, time.Second, false}, {time.Second, 0, false}, {-1, -1, false},
	} {
		if err := CheckLease(c.lease, c.beat); (err == nil) != c.good {
			t.Errorf("lease %s, beat %s: %v", c.lease, c.beat, err)
		}
	}
}

// A node that lives beats, with work and without, so nobody takes its lanes.
func TestALivingNodeKeepsItsLanes(t *testing.T) {
	r := newRig(t)
	r.lease = 600 * time.Millisecond
	r.restart()
	_, stop, stopped := r.node("node-2")
	defer func() { stop(); <-stopped }()
	epochs := r.count(`SELECT sum(epoch)::int FROM lane`)
	end := time.Now().Add(3 * r.lease)
	for time.Now().Before(end) {
		r.pays()
		await.Pause(t.Context().Done(), 50*time.Millisecond)
	}
	if n := r.count(`SELECT sum(epoch)::int FROM lane`); n != epochs {
		t.Errorf("lanes changed hands %d times", n-epochs)
	}
}
