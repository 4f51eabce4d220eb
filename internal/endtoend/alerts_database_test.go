package endtoend

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"treasury-switch/internal/node"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/promrule"
	"treasury-switch/internal/relay"
	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// ofTheDatabase are situations of the database and of the way to it.
func ofTheDatabase() []provocation {
	return []provocation{
		{"a database that is away", []string{"LaneStuck", "ReversalsOld", "RecorderFails", "ShedsLoad", "SweepStale", "EventsLost"}, databaseAway},
		{"a COMMIT that hangs", []string{"LaneStuck"}, func(t *testing.T) {
			s := newStage(t, func(c *node.Config) { c.Lanes = 1 })
			w := s.watch(t, time.Now())
			w.quiet("LaneStuck")
			trap := s.databases.Trap(relay.Lanes, relay.AtCommit, "payments", relay.Mute)
			pay(t, s.Node, "6037990000000014")
			<-trap
			w.until("the lane has waited long", func() bool { return w.value("treasury_lane_writing_seconds") > 15 })
			w.scrape()
			w.pass(15 * time.Second)
			w.fires("LaneStuck")
		}},
		{"a slow disk", []string{"SlowCommits"}, func(t *testing.T) {
			s := newStage(t, func(c *node.Config) { c.Lanes = 1 })
			w := s.watch(t, time.Now())
			w.quiet("SlowCommits")
			w.over(3, 4*time.Minute, func() {
				trap := s.databases.Trap(relay.Lanes, relay.AtCommit, "payments", relay.Mute)
				var paying sync.WaitGroup
				paying.Go(func() { pay(t, s.Node, "6037990000000014") })
				<-trap
				w.until("the COMMIT has taken its time", func() bool { return w.value("treasury_lane_writing_seconds") > 0.12 })
				s.databases.Release()
				paying.Wait()
			})
			w.fires("SlowCommits")
		}},
		{"more than the database takes", []string{"LaneQueueLong"}, queueLong},
	}
}

// databaseAway has a reversal wait for a long time already, and then takes the database away. Whatever tells of time must count on.
func databaseAway(t *testing.T) {
	s := newStage(t, nil)
	w := s.watch(t, time.Now())
	w.quiet("LaneStuck", "ReversalsOld", "RecorderFails", "ShedsLoad", "SweepStale", "EventsLost")
	if err := s.sim.SetFaults(simulator.Faults{ReversalCode: iso.RC96SystemMalfunction}); err != nil {
		t.Fatal(err)
	}
	pay(t, s.Node, "6219860000000688")
	await(t, "its reversal waits", func() bool { return queuedReversals(t) == 1 })
	s.execute(t, "UPDATE saf SET queued_at = queued_at - interval '16 minutes'")
	w.until("it is seen to be old", func() bool { return w.value("treasury_forward_oldest_seconds") > 900 })
	w.scrape()
	w.pass(5 * time.Minute)
	w.fires("ReversalsOld")
	old, swept := w.value("treasury_forward_oldest_seconds"), w.value("treasury_sweep_completed_timestamp_seconds")

	var paying sync.WaitGroup
	defer paying.Wait()
	debits := s.sim.Totals().Debited
	paying.Go(func() { pay(t, s.Node, "6221060000000699") }) // Its answer comes late, and cannot be recorded.
	await(t, "the card is debited", func() bool { return s.sim.Totals().Debited > debits })
	s.databases.Refuse(true)
	s.databases.Reset(relay.All)
	w.until("the lanes have found out", func() bool { return w.value("treasury_lane_ready") == 0 })
	pay(t, s.Node, "6037990000000014")
	w.scrape()
	w.fires("ShedsLoad")
	w.until("the lanes have waited long", func() bool { return w.value("treasury_lane_writing_seconds") > 2*15 })
	w.scrape()
	w.pass(15 * time.Second)
	w.fires("LaneStuck", "RecorderFails")
	if now := w.value("treasury_forward_oldest_seconds"); now < old+10 {
		t.Errorf("the oldest reversal was %g s old, and is %g s old while the database is away", old, now)
	}
	if now := w.value("treasury_sweep_completed_timestamp_seconds"); now > swept+6 {
		t.Errorf("a sweep has ended %g s after the database was away", now-swept)
	}
	w.until("the late answer is given up", func() bool { return w.value("treasury_network_unasked_total", "late answer not recorded") > 0 })
	w.scrape()
	w.pass(5 * time.Minute)
	w.fires("ReversalsOld", "SweepStale", "EventsLost")
}

// queuedReversals counts what waits, seen from beside the switch.
func queuedReversals(t *testing.T) (n int) {
	t.Helper()
	if err := testdb.Owner(t).QueryRow(t.Context(), `SELECT count(*) FROM saf`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// queueLong sends a quarter of what a lane holds while the database stalls.
func queueLong(t *testing.T) {
	const connections, each = 10, 220
	s := newStage(t, func(c *node.Config) {
		c.Lanes, c.Patience = 1, time.Minute
		c.Switch.Timers.Network, c.Switch.Timers.Switch, c.Switch.Timers.Terminal = 20*time.Second, 24*time.Second, 30*time.Second
		c.Switch.Timers.SendBefore = 15 * time.Second
	})
	w := s.watch(t, time.Now())
	w.quiet("LaneQueueLong")
	s.databases.Hold(relay.Lanes, relay.Both)
	for i := range connections {
		conn, err := net.Dial("tcp", s.Terminals())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		till := pos.New(fmt.Sprintf("101000%02d", 1+i), 101, 0, time.Now)
		var frames []byte
		for range each {
			m := till.Purchase(pos.Sale{Card: card(t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"})
			frames = append(frames, framed(t, packed(t, m))...)
		}
		if _, err := conn.Write(frames); err != nil {
			t.Fatal(err)
		}
	}
	w.until("a quarter of the queue is full", func() bool {
		return w.value("treasury_lane_queued") > w.value("treasury_lane_queue_limit")/4
	})
	w.scrape()
	w.pass(time.Minute)
	w.fires("LaneQueueLong")
	s.databases.Release()
	w.until("the queue is empty", func() bool {
		return w.value("treasury_lane_queued") == 0 && w.value("treasury_payments_in_flight") == 0
	})
	w.pass(promrule.Interval)
	w.quiet("LaneQueueLong")
}
