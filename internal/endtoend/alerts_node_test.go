package endtoend

import (
	"net"
	"sync"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/node"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/relay"
	"treasury-switch/internal/scrape"
	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/ledger"
	"treasury-switch/security/mac"
	"treasury-switch/simulator"
)

// stage is a switch with the simulated network, and relays before the network and the database.
type stage struct {
	*node.Node
	config    node.Config
	sim       *simulator.Simulator
	network   *relay.Relay
	databases *relay.Relay
	stop      func()
}

// newStage brings a switch up on the test's own database, until the test ends.
func newStage(t *testing.T, change func(*node.Config)) *stage {
	t.Helper()
	s := &stage{sim: simulator.New(simulator.Config{Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0", Late: 3 * time.Second})}
	if err := s.sim.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.sim.Close() })
	var err error
	if s.network, err = relay.New(s.sim.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.network.Close() })
	config := nodeConfig(t, s.network.Address())
	if s.databases, config.DatabaseURL, err = relay.NewPostgres(testdb.URL(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.databases.Close() })
	if change != nil {
		change(&config)
	}
	s.config = config
	s.start(t)
	t.Cleanup(func() { s.stop() })
	return s
}

// start starts the switch, the first time or again. It is stopped once the way to the database is free.
func (s *stage) start(t *testing.T) {
	t.Helper()
	n, err := node.Start(t.Context(), s.config)
	if err != nil {
		t.Fatal(err)
	}
	s.Node = n
	s.stop = sync.OnceFunc(func() {
		s.databases.Refuse(false)
		s.databases.Release()
		s.databases.Bury()
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

// watch watches the switch, whichever start of it.
func (s *stage) watch(t *testing.T, from time.Time) *tower {
	return watchPage(t, func() scrape.Page { return asked(t.Context(), s.Admin()) }, from)
}

// execute runs a statement with the rights of the database's owner.
func (s *stage) execute(t *testing.T, statement string) {
	t.Helper()
	if _, err := testdb.Owner(t).Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// ofTheNode are situations of a node as a whole.
func ofTheNode() []provocation {
	return []provocation{
		{"a node that is gone", []string{"SwitchDown"}, func(t *testing.T) {
			s := newStage(t, nil)
			w := s.watch(t, time.Now())
			w.quiet("SwitchDown")
			s.stop()
			w.scrape()
			w.pass(time.Minute)
			w.fires("SwitchDown")
		}},
		{"a clock that is wrong", []string{"ClockSkewed"}, func(t *testing.T) {
			var mu sync.Mutex
			ahead := time.Duration(0)
			s := newStage(t, func(c *node.Config) {
				c.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(ahead) }
			})
			w := s.watch(t, time.Now())
			w.pass(time.Minute)
			w.quiet("ClockSkewed")
			mu.Lock()
			ahead = 10 * time.Minute
			mu.Unlock()
			w.scrape()
			w.pass(time.Minute)
			w.fires("ClockSkewed")
		}},
		{"a business day that does not change", []string{"BusinessDayOld"}, func(t *testing.T) {
			old := calendar.DateOf(time.Now()).Add(-3)
			testdb.URL(t)
			if err := ledger.OpenDay(t.Context(), testdb.New(t), ledger.Live, old, "cut-over", time.Now()); err != nil {
				t.Fatal(err)
			}
			s := newStage(t, nil)
			w := s.watch(t, time.Now())
			w.pass(10 * time.Minute)
			w.fires("BusinessDayOld")
		}},
	}
}

// ofTheNetwork are situations of the links and of the card network.
func ofTheNetwork() []provocation {
	return []provocation{
		{"links that are away", []string{"NotReady", "NoLink", "LinkDown"}, func(t *testing.T) {
			s := newStage(t, nil)
			w := s.watch(t, time.Now())
			w.quiet("NotReady", "NoLink", "LinkDown")
			s.network.Refuse(true)
			s.network.Reset(relay.All)
			w.until("no link is signed on", func() bool { return w.value("treasury_link_signed_on") == 0 && w.value("treasury_ready") == 0 })
			w.scrape()
			w.pass(5 * time.Minute)
			w.fires("NotReady", "NoLink", "LinkDown")
		}},
		{"a link that comes and goes", []string{"LinkFlapping"}, func(t *testing.T) {
			s := newStage(t, func(c *node.Config) { c.Network.Count = 1 })
			w := s.watch(t, time.Now())
			w.quiet("LinkFlapping")
			w.over(6, 30*time.Second, func() {
				before := w.value("treasury_link_events_total", "connected")
				s.network.Reset(relay.All)
				w.until("it is connected again", func() bool {
					return w.value("treasury_link_events_total", "connected") > before && w.value("treasury_link_signed_on") == 1
				})
			})
			w.pass(time.Minute)
			w.fires("LinkFlapping")
		}},
		{"a network that is silent", []string{"NoAnswerRate"}, func(t *testing.T) {
			s := newStage(t, nil)
			w := s.watch(t, time.Now())
			w.quiet("NoAnswerRate")
			w.over(4, 3*time.Minute, func() { pay(t, s.Node, "6219860000000688") })
			w.fires("NoAnswerRate")
		}},
		{"a network that is slow", []string{"SlowNetwork", "SlowAnswers"}, slowNetwork},
		{"an answer to nothing", []string{"AnswersUnmatched"}, func(t *testing.T) {
			h := newHost(t)
			n := startOn(t, h, nil)
			h.debits(func(l *link, m *iso.Message) {
				l.send(answerTo(m, map[int]string{11: "999999", 37: "999999999999"}))
				l.send(answerTo(m, nil))
			})
			w := watch(t, n, time.Now())
			w.quiet("AnswersUnmatched")
			pay(t, n, "6037990000000014")
			w.until("it is counted", func() bool { return w.value("treasury_network_unasked_total", "answer to no payment") > 0 })
			w.scrape()
			w.fires("AnswersUnmatched")
		}},
	}
}

// slowNetwork answers each purchase after more than five seconds, one after the other: two answers seen in one scrape would be no rate.
func slowNetwork(t *testing.T) {
	s := newStage(t, func(c *node.Config) {
		c.Switch.Timers.Network, c.Switch.Timers.Switch, c.Switch.Timers.Terminal = 20*time.Second, 24*time.Second, 30*time.Second
	})
	w := s.watch(t, time.Now())
	w.quiet("SlowNetwork", "SlowAnswers")
	if err := s.sim.SetFaults(simulator.Faults{Delay: 100, DelayMS: 5200}); err != nil {
		t.Fatal(err)
	}
	line := pos.NewLine(s.Terminals(), time.Minute)
	defer line.Close()
	till := pos.New("10100001", 101, int(time.Now().UnixNano()%900_000), time.Now)
	w.over(3, 4*time.Minute, func() {
		answer, err := line.Exchange(t.Context(), till.Purchase(pos.Sale{Card: card(t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"}))
		if err != nil {
			t.Fatal(err)
		}
		if code := pos.Code(answer); code != iso.RC00Approved {
			t.Fatalf("told %s", code)
		}
	})
	w.fires("SlowNetwork", "SlowAnswers")
}

// ofTheTerminals are situations of the terminals.
func ofTheTerminals() []provocation {
	return []provocation{
		{"nobody pays any more", []string{"NoTraffic"}, func(t *testing.T) {
			s := newStage(t, nil)
			w := s.watch(t, time.Now().Add(-25*time.Hour))
			yesterday := w.at
			w.over(6, 3*time.Minute, func() { payOften(t, s.Node, 60, "6037990000000014") })
			w.at = yesterday.Add(24*time.Hour - 10*time.Minute)
			w.pass(25 * time.Minute)
			w.fires("NoTraffic")
		}},
		{"far more declines than usual", []string{"DeclineRateUnusual"}, func(t *testing.T) {
			s := newStage(t, nil)
			w := s.watch(t, time.Now().Add(-6*time.Hour))
			w.over(3, 10*time.Minute, func() { payOften(t, s.Node, 10, "6037990000000014") })
			w.pass(20 * time.Minute)
			w.quiet("DeclineRateUnusual")
			w.over(3, 5*time.Minute, func() { payOften(t, s.Node, 2, "6104330000000516") })
			w.fires("DeclineRateUnusual")
		}},
		{"connections beyond the bound", []string{"ConnectionsRefused"}, func(t *testing.T) {
			s := newStage(t, func(c *node.Config) { c.Terminals.MaxPerAddress = 2 })
			w := s.watch(t, time.Now())
			w.quiet("ConnectionsRefused")
			for range 3 {
				conn, err := net.Dial("tcp", s.Terminals())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
			}
			w.until("one is refused", func() bool { return w.value("treasury_terminal_connections_refused_total") > 0 })
			w.scrape()
			w.fires("ConnectionsRefused")
		}},
		{"a repeat of a terminal that is not in the list", []string{"FollowUpsRefused"}, followUpRefused},
		{"messages that nobody can trust", []string{"MACFailures"}, func(t *testing.T) {
			s := newStage(t, func(c *node.Config) { c.Terminals.Wire.MAC = aCode(t) })
			w := s.watch(t, time.Now())
			w.quiet("MACFailures")
			w.over(2, time.Minute, func() {
				till := pos.New("10100001", 101, int(time.Now().UnixNano()%900_000), time.Now)
				for range 6 {
					line := pos.NewLine(s.Terminals(), time.Second)
					_, _ = line.Exchange(t.Context(), till.Echo()) // Its answer has a MAC, which this line does not know either.
					_ = line.Close()
				}
			})
			w.fires("MACFailures")
		}},
	}
}

// followUpRefused sends the request of a terminal that nobody knows, and its repeat.
func followUpRefused(t *testing.T) {
	s := newStage(t, nil)
	w := s.watch(t, time.Now())
	w.quiet("FollowUpsRefused")
	till := pos.New("10199999", 101, int(time.Now().UnixNano()%900_000), time.Now)
	m := till.Purchase(pos.Sale{Card: card(t, "6037990000000014"), Amount: passportPrice, Service: "PASSPORT"})
	line := pos.NewLine(s.Terminals(), askLimit)
	defer line.Close()
	for _, one := range []struct {
		m    *iso.Message
		told iso.Code
		n    int
	}{{m, iso.RC58NotPermittedTerminal, 0}, {till.Repeat(m), iso.RC09InProgress, 1}} {
		if answer, err := line.Exchange(t.Context(), one.m); err != nil || pos.Code(answer) != one.told {
			t.Fatalf("%s is told %v, %v; want %s", one.m.MTI, answer, err, one.told)
		}
		w.scrape()
		if n := len(w.firing("FollowUpsRefused")); n != one.n {
			t.Errorf("after the %s the alert fires %d times", one.m.MTI, n)
		}
	}
}

// aCode is a message authentication.
func aCode(t *testing.T) mac.Code {
	t.Helper()
	key, err := mac.ParseKey("2b7e151628aed2a6abf7158809cf4f3c")
	if err != nil {
		t.Fatal(err)
	}
	code, err := mac.New("aes-cmac", key)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// payOften pays with a card on one connection.
func payOften(t *testing.T, n *node.Node, times int, digits string) {
	t.Helper()
	line := pos.NewLine(n.Terminals(), askLimit)
	defer line.Close()
	till := pos.New("10100002", 101, int(time.Now().UnixNano()%900_000), time.Now)
	for range times {
		if _, err := line.Exchange(t.Context(), till.Purchase(pos.Sale{Card: card(t, digits), Amount: passportPrice, Service: "PASSPORT"})); err != nil {
			t.Fatal(err)
		}
	}
}
