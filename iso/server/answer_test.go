package server

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
)

// TestAnswersOutOfOrder holds three messages in flight on one connection and lets
// them be answered in the reverse order.
func TestAnswersOutOfOrder(t *testing.T) {
	gates := map[string]chan struct{}{"000001": make(chan struct{}), "000002": make(chan struct{}), "000003": make(chan struct{})}
	s, l := startTCP(t, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
		<-gates[m.Get(11)]
		return approve(ctx, se, m)
	}})
	p := dialTCP(t, l, s.codec)
	for stan := 1; stan <= 3; stan++ {
		p.Send(echo(stan))
	}
	for _, stan := range []string{"000003", "000002", "000001"} {
		close(gates[stan])
		isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: stan, 39: "00", 41: "10100001"})
	}
}

// TestPanicAnswers96 also proves that the text of a panic, which may hold a card
// number, stays out of the log.
func TestPanicAnswers96(t *testing.T) {
	const pan = "6037990000000014"
	s, l := startTCP(t, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
		if m.Get(11) == "000001" {
			panic(fmt.Errorf("cannot route card %s", pan))
		}
		return approve(ctx, se, m)
	}})
	p := dialTCP(t, l, s.codec)
	p.Send(echo(1))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{
		7: "1121084500", 11: "000001", 12: "121500", 13: "1121", 39: "96", 41: "10100001", 42: "000000000000101"})
	p.Send(echo(2))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000002", 39: "00"})
	if got := s.Stats().Panics; got != 1 {
		t.Errorf("%d panics counted, want 1", got)
	}
	log := s.log.String()
	if strings.Contains(log, pan) || !strings.Contains(log, "TestPanicAnswers96") {
		t.Errorf("the log must name the place of the panic and not its text: %s", log)
	}
}

// TestUnpackableAnswerBecomes96 covers a handler that answers nonsense.
func TestUnpackableAnswerBecomes96(t *testing.T) {
	s, l := startTCP(t, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
		answer := approve(ctx, se, m)
		answer.Set(4, "not an amount")
		return answer
	}})
	p := dialTCP(t, l, s.codec)
	p.Send(echo(1))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000001", 39: "96"})
	if got := s.Stats().Unpackable; got != 1 {
		t.Errorf("%d unpackable answers counted, want 1", got)
	}
}

// TestMalformedIsAnswered30 and the connection lives on.
func TestMalformedIsAnswered30(t *testing.T) {
	handled := make(chan string, 8)
	s, l := startTCP(t, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
		handled <- m.Get(11)
		return approve(ctx, se, m)
	}})
	p := dialTCP(t, l, s.codec)

	missing := echo(1)
	missing.Unset(12)
	p.Send(missing)
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000001", 13: "1121", 39: "30"})

	wrong := echo(2)
	wrong.Set(13, "9999")
	p.Send(wrong)
	answer := p.Receive()
	isotest.Want(t, answer, iso.MTINetworkAnswer, map[int]string{11: "000002", 39: "30"})
	if answer.Has(13) {
		t.Error("the answer repeats the malformed field")
	}

	unknown := echo(3)
	unknown.MTI = 600
	p.Send(unknown)
	isotest.Want(t, p.Receive(), 610, map[int]string{11: "000003", 39: "12"})

	p.Write(cutShort(t, s))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{7: "1121084500", 11: "000004", 39: "30"})

	p.Send(echo(5))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000005", 39: "00"})
	if got := s.Stats(); got.Malformed != 4 || got.Messages != 5 || len(handled) != 1 {
		t.Errorf("%d of %d messages counted as malformed, %d handled", got.Malformed, got.Messages, len(handled))
	}
}

// cutShort is a frame whose last field announces more than the message has.
func cutShort(t *testing.T, s *running) []byte {
	t.Helper()
	packed, err := s.codec.Dialect.Pack(nil, echo(4))
	if err != nil {
		t.Fatal(err)
	}
	frame, err := iso.AppendFrame(nil, packed[:len(packed)-2], s.codec.Framing, iso.TPDU{})
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// TestAnswersAreNeverAnswered, or two parties could go on for ever.
func TestAnswersAreNeverAnswered(t *testing.T) {
	s, l := startTCP(t, Config{})
	p := dialTCP(t, l, s.codec)
	odd := echo(1)
	odd.MTI = iso.MTINetworkAnswer
	odd.Unset(12)
	p.Send(odd)
	p.Send(echo(2))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000002", 39: "00"})
}

// TestA13_BadMAC is answered 63 and not handled; form is checked before.
func TestA13_BadMAC(t *testing.T) {
	code := isotest.MAC(t)
	s, l := startTCP(t, Config{MAC: code})
	p := dialTCP(t, l, s.codec)
	p.Send(echo(1))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000001", 39: "00"})

	frame, err := s.codec.Append(nil, echo(2), iso.TPDU{})
	if err != nil {
		t.Fatal(err)
	}
	p.Write(bytes.Replace(frame, []byte("000002"), []byte("000003"), 1))
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000003", 39: "63"})

	bare := s.codec
	bare.MAC = nil
	without, err := bare.Append(nil, echo(4), iso.TPDU{})
	if err != nil {
		t.Fatal(err)
	}
	p.Write(without)
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000004", 39: "63"})

	faulty := echo(5)
	faulty.Unset(13)
	if without, err = bare.Append(nil, faulty, iso.TPDU{}); err != nil {
		t.Fatal(err)
	}
	p.Write(without)
	isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000005", 39: "30"})
	if got := s.Stats().Untrusted; got != 3 {
		t.Errorf("%d untrusted messages counted, want 3", got)
	}
}

// TestTPDU is echoed with source and destination exchanged.
func TestTPDU(t *testing.T) {
	s, l := startTCP(t, Config{Framing: iso.Framing{Kind: iso.Length2TPDU}})
	p := dialTCP(t, l, s.codec)
	p.Send(echo(1))
	_, tpdu, err := p.Frames.ReadFrame(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (iso.TPDU{0x60, 3, 4, 1, 2}); tpdu != want {
		t.Errorf("TPDU %x, want %x", tpdu, want)
	}
}

// TestSend sends a message that answers nothing, and bytes as they are.
func TestSend(t *testing.T) {
	s, l := startTCP(t, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
		if err := se.Send(echo(77)); err != nil {
			t.Error(err)
		}
		if err := se.SendPayload([]byte("garbage")); err != nil {
			t.Error(err)
		}
		return nil
	}})
	p := dialTCP(t, l, s.codec)
	p.Send(echo(1))
	isotest.Want(t, p.Receive(), iso.MTINetwork, map[int]string{11: "000077"})
	payload, _, err := p.Frames.ReadFrame(nil)
	if err != nil || string(payload) != "garbage" {
		t.Errorf("got %q, %v", payload, err)
	}
	list := s.Sessions()
	if len(list) != 1 || list[0].Messages != 1 || !strings.HasPrefix(list[0].Remote, "127.0.0.1:") {
		t.Errorf("listing %+v", list)
	}
	if !s.CloseSession(list[0].ID) || s.CloseSession(99) {
		t.Error("an operator must be able to close an open connection and no other")
	}
	p.ExpectClosed()
}

// TestAnswersAfterHalfClose: a peer may stop sending and still wait for its answers.
func TestAnswersAfterHalfClose(t *testing.T) {
	gate := make(chan struct{})
	s, l := startTCP(t, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
		<-gate
		return approve(ctx, se, m)
	}})
	p := dialTCP(t, l, s.codec)
	p.Send(echo(1))
	p.Send(echo(2))
	if err := p.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	isotest.Eventually(t, "both are in flight", func() bool { return s.Stats().InFlight == 2 })
	close(gate)
	p.Receive()
	p.Receive()
	p.ExpectClosed()
}
