package endtoend

import (
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/node"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/simulator"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// startNode brings up a card network and a switch in this process, on free ports and the test's own database.
func startNode(t *testing.T) (*node.Node, *simulator.Simulator) {
	t.Helper()
	network := simulator.New(simulator.Config{Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0", Late: time.Second})
	if err := network.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := node.Start(t.Context(), nodeConfig(t, network.Addr()))
	if err != nil {
		_ = network.Close()
		t.Fatal(err)
	}
	return n, network
}

// nodeConfig is that of a switch in this process, with a short ladder of timers.
func nodeConfig(t *testing.T, network string) node.Config {
	t.Helper()
	folder := t.TempDir()
	forward := switching.DefaultForward
	forward.First, forward.Look, forward.Answer = 20*time.Millisecond, 20*time.Millisecond, 300*time.Millisecond
	return node.Config{
		DatabaseURL: testdb.URL(t), Folder: folder, Dev: true, Name: "test", Version: "test", MasterKeyFile: folder + "/master.key",
		Terminals: node.Listener{Address: "127.0.0.1:0", Acquirer: "581672000",
			Wire: node.Wire{Dialect: iso.TerminalDialect(), Framing: iso.TerminalDialect().Framing()}},
		Network: node.Links{Addresses: []string{network}, Count: 2, Institution: "581672001", Receiver: simulator.DefaultInstitution,
			City: "تهران", EchoInterval: time.Minute, SignOnWait: 10 * time.Second,
			Wire: node.Wire{Dialect: iso.ShetabDialect(), Framing: iso.ShetabDialect().Framing()}},
		HTTP: "127.0.0.1:0", Admin: "127.0.0.1:0", Lanes: 2,
		Switch: switching.Config{
			Timers: switching.Timers{Network: 2 * time.Second, Switch: 3 * time.Second, Terminal: 4 * time.Second,
				SendBefore: time.Second, InFlight: time.Second, Grace: 100 * time.Millisecond},
			Limits: switching.DefaultLimits, Forward: forward,
		},
		AcceptVolatile: true, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
}

// pay sends the bytes of a purchase of a passport and gives the code of the answer.
func pay(t *testing.T, n *node.Node, card string) iso.Code {
	t.Helper()
	pan, err := identity.ParsePAN(card)
	if err != nil {
		t.Fatal(err)
	}
	line := pos.NewLine(n.Terminals(), askLimit)
	defer line.Close()
	till := pos.New("10100001", 101, int(time.Now().UnixNano()%900_000), time.Now)
	answer, err := line.Exchange(t.Context(), till.Purchase(pos.Sale{Card: pan, Amount: 1_476_112, Service: "PASSPORT"}))
	if err != nil {
		t.Fatalf("card %s: %v", pan, err)
	}
	return pos.Code(answer)
}

// holds checks every invariant.
func holds(t *testing.T) {
	t.Helper()
	books, err := ledger.Violations(t.Context(), testdb.New(t))
	if err != nil {
		t.Fatal(err)
	}
	payments, err := payment.CheckPayments(t.Context(), testdb.New(t), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range books {
		t.Errorf("I1 %s: %s %s", v.Rule, v.ID, v.Detail)
	}
	for _, v := range payments {
		t.Errorf("%s %s: %s %s", v.Invariant, v.Rule, v.ID, v.Detail)
	}
}

// A payment's bytes go in at one end and end as shares on the beneficiaries' accounts; then everything is put away.
func TestFromStartToStop(t *testing.T) {
	testdb.New(t)
	leaks := goleak.IgnoreCurrent()
	n, network := startNode(t)
	for card, want := range map[string]iso.Code{"6037990000000014": "00", "6104330000000516": "51", "6219860000000688": "68"} {
		if got := pay(t, n, card); got != want {
			t.Errorf("card %s… is answered %s, want %s", card[:6], got, want)
		}
	}
	// The silent card was debited: its reversal must reach the network before the books agree.
	await(t, "the silent debit is reversed", func() bool { return network.Ledger().Totals.Reversed == 1 })
	if err := n.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := network.Close(); err != nil {
		t.Errorf("close the network: %v", err)
	}
	if err := goleak.Find(leaks); err != nil {
		t.Errorf("goroutines are left: %v", err)
	}
	if total := network.Ledger().Totals; total.Debited != 1 || total.DebitedAmount != 1_476_112 {
		t.Errorf("the network holds %d debits of %s rial", total.Debited, total.DebitedAmount)
	}
	holds(t)
	trial, err := ledger.TrialBalance(t.Context(), testdb.New(t), ledger.Live, 0, 0)
	if err != nil || !trial.Balanced() {
		t.Fatalf("trial balance: balanced %t, %v", trial.Balanced(), err)
	}
	credits := map[string]money.Rial{}
	for _, row := range trial.Rows {
		credits[row.Account] = row.BalanceCredit
	}
	for account, want := range map[string]money.Rial{"R-101-140101-01": 10_000, "R-105-140201-01": 37_500, "R-101-160101-01": 1_000_000, "P-106-01": 428_612} {
		if credits[account] != want {
			t.Errorf("%s has %s rial, want %s", account, credits[account], want)
		}
	}
}

// The business day is the network's: after its cut-over the next payment belongs to the new day.
func TestCutOverOpensTheNextDay(t *testing.T) {
	n, network := startNode(t)
	defer func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		_ = network.Close()
	}()
	first := network.Day()
	if _, err := network.CutOver(t.Context(), first.Add(1)); err != nil {
		t.Fatal(err)
	}
	await(t, "the new day is open", func() bool {
		day, _ := ledger.CurrentDay(t.Context(), testdb.New(t), ledger.Live, ledger.DefaultReach)
		return day == first.Add(1)
	})
	if got := pay(t, n, "6037990000000014"); got != iso.RC00Approved {
		t.Fatalf("after the cut-over: %s", got)
	}
	days := map[calendar.Date]money.Rial{}
	for _, day := range []calendar.Date{first, first.Add(1)} {
		b, err := ledger.BalanceAt(t.Context(), testdb.New(t), ledger.Live, ledger.Reference{Code: "clearing", Day: day}, day)
		if err != nil {
			t.Fatal(err)
		}
		days[day] = b.Balance
	}
	if days[first] != 0 || days[first.Add(1)] != 1_476_112 {
		t.Errorf("clearing by day: %v", days)
	}
	holds(t)
}

// await waits for what another goroutine brings about.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(settleLimit); !done(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("in %v it did not happen that %s", settleLimit, what)
		}
	}
}
