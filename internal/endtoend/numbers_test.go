package endtoend

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"treasury-switch/cmd/treasury-switch/node"
	"treasury-switch/iso"
)

// dialNode is a bare connection to a switch in this process.
func dialNode(t *testing.T, n *node.Node) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", n.Terminals())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(askLimit)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &wire{t: t, conn: conn.(*net.TCPConn), in: bufio.NewReader(conn)}
}

// text is a message as it stands on the wire, with the times of now in the places of
// {stamp} (F7), {time} (F12) and {date} (F13); spaces are for the reader.
func text(t *testing.T, message string) []byte {
	t.Helper()
	trace := iso.NewTrace(time.Now(), "000001")
	own := iso.NewTrace(time.Now().Add(-time.Hour), "000001")
	message = strings.NewReplacer("{stamp}", trace.Transmission, "{time}", trace.LocalTime, "{date}", trace.LocalDate, "{other}", own.LocalTime,
		" ", "", "_", " ").Replace(message)
	return framed(t, []byte(message))
}

// The bytes of a purchase and of its reversal, the fields apart. STAN and F32 are the
// test's.
const (
	purchaseText = "0200 7238048100C18000 166037990000000014 000000 000001476112 {stamp} %s {time} {date} 021 14 %s 10100009 000000000000101 014SVC008PASSPORT 364"
	reversalText = "0420 B238000100C08000 0000004000000000 000000 000001476112 {stamp} 654802 %s {date} %s 10100009 000000000000101 364 " +
		"0200 %s {stamp} 00000000000 00000000000"
)

// TestReversalsAsBytes: what terminals in the field write into a reversal, as bytes on the
// wire, with numbers and times written otherwise than in the purchase. It is found, and
// nothing is debited twice.
func TestReversalsAsBytes(t *testing.T) {
	h := newHost(t)
	n := startOn(t, h, nil)
	h.debits(func(l *link, m *iso.Message) { l.send(answerTo(m, nil)) })
	const plain, zeros = "09 581672000", "11 00581672000"
	for i, c := range []struct{ name, first, second, time string }{
		{"A16: F32 with zeros in the reversal", plain, zeros, "{time}"},
		{"A16: F32 with zeros in the purchase", zeros, plain, "{time}"},
		{"A17: F12 is the reversal's own", plain, plain, "{other}"},
		{"A17: F12 is its own, and F32 has zeros", zeros, plain, "{other}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, stan := dialNode(t, n), fmt.Sprintf("%06d", 654_100+i)
			purchase := text(t, fmt.Sprintf(purchaseText, stan, c.first))
			w.write(purchase)
			first := w.read()
			if first.Get(39) != "00" {
				t.Fatalf("the purchase is answered %s", first.Get(39))
			}
			repeat := strings.Replace(string(purchase), "0200", "0201", 1)
			repeat = strings.Replace(repeat, strings.ReplaceAll(c.first, " ", ""), strings.ReplaceAll(c.second, " ", ""), 1)
			w.write(framed(t, []byte(repeat[2:])))
			if again := w.read(); again.Get(39) != "00" || again.Get(37) != first.Get(37) {
				t.Errorf("the repeat is answered %s for %s, not for %s", again.Get(39), again.Get(37), first.Get(37))
			}
			reversal := fmt.Sprintf(reversalText, c.time, c.second, stan)
			w.write(text(t, reversal))
			if answer := w.read(); answer.MTI != iso.MTIReversalAdviceAnswer || answer.Get(39) != "00" || answer.Get(37) != first.Get(37) {
				t.Errorf("the reversal is answered %s for %s, not for %s", answer.Get(39), answer.Get(37), first.Get(37))
			}
			await(t, "it is taken back", func() bool {
				return counted(t, n, "treasury_payment_records_total", "REVERSED", "reversal_accepted") == float64(i+1)
			})
		})
	}
	w := dialNode(t, n)
	w.write(text(t, strings.Replace(fmt.Sprintf(reversalText, "{time}", plain, "654100"), "B238000100C08000 0000004000000000", "B238000100C08000 0000004200000000", 1)+
		"000000476112 000000000000 000000000000 000000"))
	if answer := w.read(); answer.Get(39) != "30" {
		t.Errorf("A15: F95 is answered %s", answer.Get(39))
	}
	for _, foreign := range []string{"09 627412000", "01 0"} {
		w.write(text(t, fmt.Sprintf(purchaseText, "654900", foreign)))
		if answer := w.read(); answer.Get(39) != "58" {
			t.Errorf("A16: acquirer %s is answered %s", foreign, answer.Get(39))
		}
	}
	w.write(text(t, fmt.Sprintf(reversalText, "{time}", plain, "111111")))
	if answer := w.read(); answer.Get(39) != "00" || counted(t, n, "treasury_alarms_total", "reversal_unmatched") != 1 {
		t.Errorf("A17: a reversal of nothing is answered %s, with %v alarms", answer.Get(39), counted(t, n, "treasury_alarms_total", "reversal_unmatched"))
	}
	if got := counted(t, n, "treasury_network_requests_total", "00"); got != 4 {
		t.Errorf("%v debits", got)
	}
	holds(t)
}
