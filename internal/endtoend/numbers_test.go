package endtoend

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/node"
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

// text is a message as it is on the wire, with the times of now in the places of
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

// till is a switch on a network that approves, and a connection of a terminal to it.
type till struct {
	*wire
	node *node.Node
}

func newTill(t *testing.T) till {
	t.Helper()
	h := newHost(t)
	h.debits(func(l *link, m *iso.Message) { l.send(answerTo(m, nil)) })
	n := startOn(t, h, nil)
	return till{dialNode(t, n), n}
}

// ask sends bytes and reads the answer.
func (c till) ask(p []byte) *iso.Message {
	c.t.Helper()
	c.write(p)
	return c.read()
}

// The two ways in which F32 is written here.
const plain, zeros = "09 581672000", "11 00581672000"

// undoes buys, repeats and takes back, with F32 as it is written in each of the three and an
// F12 of the reversal, and wants one debit and one reversal.
func (c till) undoes(stan, purchase, later, f12 string, before float64) {
	c.t.Helper()
	bytes := text(c.t, fmt.Sprintf(purchaseText, stan, purchase))
	first := c.ask(bytes)
	if first.Get(39) != "00" {
		c.t.Fatalf("the purchase is answered %s", first.Get(39))
	}
	repeat := strings.Replace(string(bytes[2:]), "0200", "0201", 1)
	repeat = strings.Replace(repeat, strings.ReplaceAll(purchase, " ", ""), strings.ReplaceAll(later, " ", ""), 1)
	if again := c.ask(framed(c.t, []byte(repeat))); again.Get(39) != "00" || again.Get(37) != first.Get(37) {
		c.t.Errorf("the repeat is answered %s for %s, not for %s", again.Get(39), again.Get(37), first.Get(37))
	}
	undo := c.ask(text(c.t, fmt.Sprintf(reversalText, f12, later, stan)))
	if undo.MTI != iso.MTIReversalAdviceAnswer || undo.Get(39) != "00" || undo.Get(37) != first.Get(37) {
		c.t.Errorf("the reversal is answered %s for %s, not for %s", undo.Get(39), undo.Get(37), first.Get(37))
	}
	await(c.t, "it is taken back", func() bool {
		return counted(c.t, c.node, "treasury_payment_records_total", "REVERSED", "reversal_accepted") == before+1
	})
	if got := counted(c.t, c.node, "treasury_network_requests_total", "00"); got != before+1 {
		c.t.Errorf("%v debits", got)
	}
}

// TestA15_PartialReversalAsBytes: F95 is 30, and the payment stays approved.
func TestA15_PartialReversalAsBytes(t *testing.T) {
	c := newTill(t)
	if answer := c.ask(text(t, fmt.Sprintf(purchaseText, "654100", plain))); answer.Get(39) != "00" {
		t.Fatalf("the purchase is answered %s", answer.Get(39))
	}
	partial := strings.Replace(fmt.Sprintf(reversalText, "{time}", plain, "654100"), "0000004000000000", "0000004200000000", 1)
	if answer := c.ask(text(t, partial+"000000476112 000000000000 000000000000 000000")); answer.Get(39) != "30" {
		t.Errorf("answered %s", answer.Get(39))
	}
	if got := counted(t, c.node, "treasury_payment_records_total", "REVERSING"); got != 0 {
		t.Errorf("%v reversals", got)
	}
	holds(t)
}

// TestA16_NumbersAsBytes: zeros before F32 are the same acquirer, and another one is not
// served.
func TestA16_NumbersAsBytes(t *testing.T) {
	c := newTill(t)
	c.undoes("654100", plain, zeros, "{time}", 0)
	c.undoes("654101", zeros, plain, "{time}", 1)
	for _, foreign := range []string{"09 627412000", "01 0"} {
		if answer := c.ask(text(t, fmt.Sprintf(purchaseText, "654900", foreign))); answer.Get(39) != "58" {
			t.Errorf("acquirer %s is answered %s", foreign, answer.Get(39))
		}
	}
	holds(t)
}

// TestA17_ReversalsAsBytes: an F12 of the reversal's own. What names nothing is told to
// operators.
func TestA17_ReversalsAsBytes(t *testing.T) {
	c := newTill(t)
	c.undoes("654100", plain, plain, "{other}", 0)
	c.undoes("654101", zeros, plain, "{other}", 1)
	answer := c.ask(text(t, fmt.Sprintf(reversalText, "{time}", plain, "111111")))
	if alarms := counted(t, c.node, "treasury_alarms_total", "original_unmatched"); answer.Get(39) != "00" || alarms != 1 {
		t.Errorf("a reversal of nothing is answered %s, with %v alarms", answer.Get(39), alarms)
	}
	holds(t)
}
