package node

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
	"treasury-switch/tariffs"
)

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// I4: a machine whose clock is years off records what the others do. Only its log and its alarm tell.
func TestI4_AWrongClockChangesNothing(t *testing.T) {
	for _, off := range []time.Duration{3 * 365 * 24 * time.Hour, -3 * 24 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			_, address := standIn(t, "127.0.0.1:0")
			config := testConfig(t, address)
			log := &lines{}
			config.Log = slog.New(slog.NewTextHandler(log, nil))
			config.Now = func() time.Time { return time.Now().Add(off) }
			n, err := Start(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = n.Stop() }()
			n.pay(t)
			n.holdsTimes(t)
			if !strings.Contains(log.String(), "clock differs") {
				t.Error("the log does not say that the clock is wrong")
			}
			skew := page(t, n).Sum("treasury_clock_skew_seconds", nil)
			if (time.Duration(skew*float64(time.Second)) - off).Abs() > time.Minute {
				t.Errorf("the skew is served as %v seconds, it is %s", skew, off)
			}
		})
	}
}

// pay sends a purchase that the stand-in for the network does not understand.
func (n *Node) pay(t *testing.T) {
	t.Helper()
	card, err := identity.ParsePAN("6037990000000014")
	if err != nil {
		t.Fatal(err)
	}
	i := switching.Inquiry{Terminal: "10100001", Acceptor: "000000000000101", Tariff: tariffs.Request{Service: "PASSPORT"}}
	i.Tariff.Date = calendar.DateOf(n.clock.Now())
	price := n.payments.Inquire(t.Context(), &i)
	if price.Code != payment.OK {
		t.Fatalf("no price: %s", price.Code)
	}
	n.payments.Purchase(t.Context(), &switching.Purchase{
		Identity: payment.Identity{Acquirer: "581672000", Acceptor: i.Acceptor, Terminal: i.Terminal, STAN: "000001",
			LocalDate: calendar.DateOf(n.clock.Now()), LocalTime: "120000"},
		Amount: price.Amount, Card: switching.Card{PAN: card}, Tariff: i.Tariff,
		Content: switching.Content{Operation: iso.ProcessingPurchase, Currency: iso.CurrencyRial, Text: "x"},
	})
}

// holdsTimes looks for times in the tables that are not about now by the database's clock.
func (n *Node) holdsTimes(t *testing.T) {
	t.Helper()
	var payments, wrong int
	err := n.pool.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM payment), (SELECT count(*) FROM (
			SELECT opened_at AS at FROM payment UNION ALL SELECT deadline FROM payment UNION ALL SELECT send_before FROM payment
			UNION ALL SELECT at FROM event UNION ALL SELECT taken_at FROM number_block UNION ALL SELECT next_at FROM saf
			UNION ALL SELECT created_at FROM pan_key UNION ALL SELECT day + interval '12 hours' FROM pan_key WHERE purpose = 'day'
			UNION ALL SELECT swept_until FROM sweep_mark) AS times WHERE abs(extract(epoch FROM at - clock_timestamp())) > 2 * 86400)`).Scan(&payments, &wrong)
	if err != nil {
		t.Fatal(err)
	}
	if payments != 1 || wrong != 0 {
		t.Errorf("%d payments, %d times that are not now", payments, wrong)
	}
}
