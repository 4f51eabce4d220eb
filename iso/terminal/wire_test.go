package terminal

import (
	"io"
	"net"
	"testing"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/sealed"
	"treasury-switch/iso/server"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// listener is a channel behind a real listener on the loopback address.
type listener struct {
	*rig
	server *server.Server
	codec  sealed.Codec
	at     string
}

// listen serves a channel until the test ends.
func listen(t *testing.T, answer switching.Answer, config server.Config) *listener {
	t.Helper()
	l := &listener{rig: newRig(t, answer)}
	config.Name = "test"
	l.Install(&config)
	var err error
	if l.server, err = server.New(config); err != nil {
		t.Fatal(err)
	}
	socket := isotest.Listen(t)
	isotest.Serve(t, l.server, socket)
	l.at = socket.Addr().String()
	l.codec = sealed.Codec{Dialect: config.Dialect, Framing: config.Framing, MAC: config.MAC}
	return l
}

// connect opens a connection of a terminal.
func (l *listener) connect() *isotest.Peer {
	l.t.Helper()
	return isotest.Dial(l.t, l.at, l.codec)
}

// stillServes sends a purchase on a new connection.
func (l *listener) stillServes() {
	l.t.Helper()
	isotest.Want(l.t, l.connect().Ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "00", 11: "000123"})
}

// TestBytesOfAPurchase: the bytes of one 0200 and its 0210, as they are on the wire.
func TestBytesOfAPurchase(t *testing.T) {
	l := listen(t, switching.Answer{Code: payment.OK, RRN: 524400000017, Tracking: "0524410000000174",
		Approval: "123456", BusinessDay: 0, Amount: 1_476_112}, server.Config{})
	d := l.connect()
	const request = "0200" + "7238048008C18000" +
		"166037990000000014" + "000000" + "000001476112" + "1121084500" + "000123" + "121459" + "1121" + "021" + "14" +
		"000000000777" + "10100001" + "000000000000101" + "014SVC008PASSPORT" + "364"
	d.Write(append([]byte{0, byte(len(request))}, request...))
	head := make([]byte, 2)
	if _, err := io.ReadFull(d.Conn, head); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, int(head[0])<<8|int(head[1]))
	if _, err := io.ReadFull(d.Conn, got); err != nil {
		t.Fatal(err)
	}
	const answer = "0210" + "323A00000EC18000" + "000000" + "000001476112" + "1121084500" + "000123" + "121459" + "1121" +
		"1122" + "524400000017" + "123456" + "00" + "10100001" + "000000000000101" + "022TRK0160524410000000174" + "364"
	if string(got) != answer {
		t.Errorf("the answer is\n%s, want\n%s", got, answer)
	}
}

// TestA1_NothingOnDisconnectBeforeSend: a connection that says nothing leaves nothing.
func TestA1_NothingOnDisconnectBeforeSend(t *testing.T) {
	l := listen(t, approved(), server.Config{})
	d := l.connect()
	isotest.Eventually(t, "the connection is open", func() bool { return l.server.Stats().Open == 1 })
	_ = d.Conn.Close()
	half := l.connect()
	frame := half.Frame(purchase())
	half.Write(frame[:len(frame)-1])
	_ = half.Conn.Close()
	isotest.Eventually(t, "both are closed", func() bool {
		s := l.server.Stats()
		return s.Accepted == 2 && s.Open == 0
	})
	if l.sw.calls() != 0 || l.server.Stats().Messages != 0 {
		t.Errorf("%d calls, %d messages", l.sw.calls(), l.server.Stats().Messages)
	}
	l.stillServes()
}

// TestA13_BadMAC: 63 (09 about an earlier payment, A19), no call of the switch, counted by terminal, also for a purchase
// with a value that only the switch would refuse.
func TestA13_BadMAC(t *testing.T) {
	code := isotest.MAC(t)
	l := listen(t, approved(), server.Config{MAC: code})
	d := l.connect()
	for _, m := range []*iso.Message{purchase(), with(purchase(), map[int]string{2: "6037990000000015"}),
		with(purchase(), map[int]string{49: "840"}), reversalOf(iso.MTIReversal), tariffInquiry()} {
		frame := d.Frame(m)
		frame[len(frame)-1] ^= 1 // The last hex digit of the MAC; still a hex digit.
		if c := frame[len(frame)-1]; c == '@' || c == 'G' {
			frame[len(frame)-1] = 'A'
		}
		d.Write(frame)
		isotest.Want(t, d.Receive(), m.MTI.Answer(), map[int]string{39: toldOf(m, "63"), 11: m.Get(11)})
	}
	if l.sw.calls() != 0 || l.Refusals()[Refused{AtMAC, "63"}] != 5 {
		t.Errorf("%d calls, counted %v", l.sw.calls(), l.Refusals())
	}
	for _, f := range l.refused {
		if f.Terminal != "10100001" {
			t.Errorf("counted for terminal %q", f.Terminal)
		}
	}
	isotest.Want(t, d.Ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "00"})
}

// TestF1_TerminalGoneBeforeItsAnswer: the purchase is finished, its context lives, no
// reversal is made of a dead connection, and the repeat gets the answer.
func TestF1_TerminalGoneBeforeItsAnswer(t *testing.T) {
	l := listen(t, approved(), server.Config{})
	l.sw.hold, l.sw.begun = make(chan struct{}), make(chan struct{}, 2)
	d := l.connect()
	d.Send(purchase())
	<-l.sw.begun
	// A reset, so that the listener's end of the connection is dead at once.
	_ = d.Conn.(*net.TCPConn).SetLinger(0)
	_ = d.Conn.Close()
	isotest.Eventually(t, "the listener has seen it", func() bool { return l.server.Stats().Open == 0 })
	close(l.sw.hold)
	isotest.Eventually(t, "the purchase is finished", func() bool { return l.sw.calls() == 1 })
	isotest.Eventually(t, "the answer found nobody", func() bool { return l.server.Stats().Undeliverable == 1 })
	if l.sw.cancelled != 0 || len(l.sw.reversals) != 0 {
		t.Errorf("%d purchases were cancelled, %d reversed", l.sw.cancelled, len(l.sw.reversals))
	}
	repeat := purchase()
	repeat.MTI = iso.MTIPurchaseRepeat
	isotest.Want(t, l.connect().Ask(repeat), iso.MTIPurchaseAnswer, map[int]string{39: "00", 37: "524400000017"})
}

// TestF5_AnswerNeverRead: an answer that left and was perhaps never read is the
// terminal's to ask for again. Nothing is reversed by a connection's end.
func TestF5_AnswerNeverRead(t *testing.T) {
	l := listen(t, approved(), server.Config{})
	d := l.connect()
	d.Send(purchase())
	isotest.Eventually(t, "the answer is written", func() bool { return l.server.Stats().Answers == 1 })
	_ = d.Conn.Close()
	isotest.Eventually(t, "the connection is closed", func() bool { return l.server.Stats().Open == 0 })
	if l.sw.calls() != 1 || len(l.sw.reversals) != 0 || len(l.Refusals()) != 0 {
		t.Errorf("%d calls, %d reversals, refusals %v", l.sw.calls(), len(l.sw.reversals), l.Refusals())
	}
	isotest.Want(t, l.connect().Ask(statusInquiry()), iso.MTIInquiryAnswer, map[int]string{39: "00", 37: "524400000017"})
}

// TestL1_SlowFrame: a frame that is not finished in time costs its connection, and no
// other.
func TestL1_SlowFrame(t *testing.T) {
	l := listen(t, approved(), server.Config{ReadTimeout: 50 * time.Millisecond})
	good := l.connect()
	slow := l.connect()
	slow.Write([]byte{0})
	slow.ExpectClosed()
	isotest.Eventually(t, "it is counted", func() bool { return l.server.Stats().Closed[server.ReasonSlowFrame] == 1 })
	isotest.Want(t, good.Ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "00"})
}

// TestL2_FrameLength: what makes no sense as a stream closes the connection, is
// counted, and the next message on a good one works.
func TestL2_FrameLength(t *testing.T) {
	for name, bytes := range map[string]string{
		"zero":              "\x00\x00",
		"most":              "\xff\xff",
		"one over":          "\x10\x01",
		"no type":           "\x00\x14ABCD0000000000000000",
		"bitmap is no hex":  "\x00\x140200ZZZZZZZZZZZZZZZZ",
		"bitmap of nothing": "\x00\x1402000000000000000000",
		"http":              "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + string(make([]byte, 20_000)),
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t, approved(), server.Config{})
			good := l.connect()
			bad := l.connect()
			_, _ = bad.Conn.Write([]byte(bytes)) // The listener may close before all of it has left.
			bad.ExpectClosed()
			isotest.Eventually(t, "it is counted", func() bool {
				closed := l.server.Stats().Closed
				return closed[server.ReasonFrameLength]+closed[server.ReasonUnparsable] == 1
			})
			if l.sw.calls() != 0 {
				t.Errorf("%d calls", l.sw.calls())
			}
			isotest.Want(t, good.Ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "00"})
		})
	}
}

// TestL3_EveryBit: a bitmap that announces every field, and a length that runs over the
// message, are answered 30 on a connection that lives on.
func TestL3_EveryBit(t *testing.T) {
	l := listen(t, approved(), server.Config{})
	d := l.connect()
	for _, payload := range []string{
		"0200" + "FFFFFFFFFFFFFFFF" + "7FFFFFFFFFFFFFFF" + "166037990000000014",
		"0200" + "4000000000000000" + "99",
		"0200" + "4000000000010000" + "166037990000000014" + "999SVC",
	} {
		d.Write(append([]byte{0, byte(len(payload))}, payload...))
		isotest.Want(t, d.Receive(), iso.MTIPurchaseAnswer, map[int]string{39: "30"})
	}
	isotest.Want(t, d.Ask(purchase()), iso.MTIPurchaseAnswer, map[int]string{39: "00"})
	if l.Refusals()[Refused{AtForm, "30"}] != 3 {
		t.Errorf("counted %v", l.Refusals())
	}
}

// TestManyInFlight: answers of one connection come as they are ready, and each repeats
// the STAN of its own request.
func TestManyInFlight(t *testing.T) {
	l := listen(t, approved(), server.Config{})
	l.sw.hold, l.sw.begun = make(chan struct{}), make(chan struct{}, 1)
	d := l.connect()
	d.Send(purchase())
	<-l.sw.begun
	isotest.Want(t, d.Ask(tariffInquiry()), iso.MTIInquiryAnswer, map[int]string{11: "000124", 39: "00"})
	close(l.sw.hold)
	isotest.Want(t, d.Receive(), iso.MTIPurchaseAnswer, map[int]string{11: "000123", 39: "00"})
}
