package server

import (
	"context"
	"encoding/binary"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
)

// TestL1_Slowloris sends a byte now and then: the frame has one deadline from its
// first byte, whatever trickles in. A good connection is not affected.
func TestL1_Slowloris(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{ReadTimeout: 5 * time.Second, IdleTimeout: time.Hour})
		good, slow := l.dial(t, s.codec), l.dial(t, s.codec)
		began := time.Now()
		for _, b := range []byte{0, 100, '0', '8', '0', '0', '8', '2'} {
			if _, err := slow.Conn.Write([]byte{b}); err != nil {
				break
			}
			time.Sleep(900 * time.Millisecond)
		}
		slow.ExpectClosed()
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("the connection lived for %v", took)
		}
		good.Send(echo(1))
		isotest.Want(t, good.Receive(), iso.MTINetworkAnswer, map[int]string{39: "00"})
		synctest.Wait()
		if got := s.Stats().Closed[ReasonSlowFrame]; got != 1 {
			t.Errorf("%d slow frames counted, want 1: %v", got, s.Stats().Closed)
		}
	})
}

// TestL2_FrameLength and other bytes that are no ISO 8583: each closes its connection
// and is counted under its reason, and the next connection works.
func TestL2_FrameLength(t *testing.T) {
	s, l := startTCP(t, Config{Framing: iso.Framing{Max: 2048}})
	framed := func(payload string) []byte {
		return append(binary.BigEndian.AppendUint16(nil, uint16(len(payload))), payload...)
	}
	cases := []struct {
		name   string
		bytes  []byte
		reason Reason
	}{
		{"zero length", []byte{0, 0}, ReasonFrameLength},
		{"65535", []byte{0xFF, 0xFF}, ReasonFrameLength},
		{"one over the limit", []byte{0x08, 0x01}, ReasonFrameLength},
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n"), ReasonFrameLength},
		{"message type", framed("08O082200000000000000400000000000000"), ReasonUnparsable},
		{"too short for a type", framed("08"), ReasonUnparsable},
		{"bitmap not hex", framed("0800ZZ20000000000000"), ReasonUnparsable},
		{"bitmap cut short", framed("080082"), ReasonUnparsable},
		{"bitmap empty", framed("08000000000000000000"), ReasonUnparsable},
	}
	want := make(map[Reason]uint64)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := dialTCP(t, l, s.codec)
			p.Write(c.bytes)
			p.ExpectClosed()
			want[c.reason]++
			isotest.Eventually(t, "it is counted", func() bool { return s.Stats().Closed[c.reason] == want[c.reason] })
		})
	}
	good := dialTCP(t, l, s.codec)
	good.Send(echo(1))
	good.Receive()
	if got := s.Stats().Messages; got != 1 {
		t.Errorf("%d messages counted, want only the good one", got)
	}
}

// TestC2_HalfFrame: a torn frame is dropped, and nothing of it is resumed on the next
// connection.
func TestC2_HalfFrame(t *testing.T) {
	handled := make(chan string, 4)
	s, l := startTCP(t, Config{Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
		handled <- m.Get(11)
		return approve(ctx, se, m)
	}})
	frame, err := s.codec.Append(nil, echo(1), iso.TPDU{})
	if err != nil {
		t.Fatal(err)
	}
	torn := dialTCP(t, l, s.codec)
	torn.Write(frame[:len(frame)/2])
	if err := torn.Conn.Close(); err != nil {
		t.Fatal(err)
	}
	next := dialTCP(t, l, s.codec)
	next.Send(echo(2))
	next.Receive()
	isotest.Eventually(t, "the half frame is counted", func() bool { return s.Stats().Closed[ReasonHalfFrame] == 1 })
	if got := <-handled; got != "000002" || len(handled) != 0 {
		t.Errorf("message %s was handled first, %d more", got, len(handled))
	}
}

// TestPerAddressCap and the total one close what is over them, and let others in when
// a place is free again.
func TestPerAddressCap(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		reason Reason
	}{
		"per address": {Config{MaxPerAddress: 2}, ReasonAddress},
		"total":       {Config{MaxConns: 2}, ReasonTotal},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := startTCP(t, c.config)
			first, second := dialTCP(t, l, s.codec), dialTCP(t, l, s.codec)
			isotest.Eventually(t, "two are in", func() bool { return s.Stats().Open == 2 })
			for range 20 {
				dialTCP(t, l, s.codec).ExpectClosed()
			}
			if got := s.Stats().Refused[c.reason]; got != 20 {
				t.Errorf("%d refused, want 20", got)
			}
			second.Send(echo(1))
			second.Receive()
			_ = first.Conn.Close()
			isotest.Eventually(t, "a place is free", func() bool { return s.Stats().Open == 1 })
			third := dialTCP(t, l, s.codec)
			third.Send(echo(2))
			third.Receive()
		})
	}
}

// TestI5_AcceptFails: without file descriptors accept fails at once and again; the
// server must pause, not spin, and go on when there are some again.
func TestI5_AcceptFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		const failures = 12
		for range failures {
			l.faults <- &net.OpError{Op: "accept", Err: syscall.EMFILE}
		}
		s := start(t, l, Config{})
		time.Sleep(time.Second)
		if got := s.Stats().AcceptErrors; got < 5 || got > 9 {
			t.Errorf("%d attempts in the first second, want a handful", got)
		}
		p := l.dial(t, s.codec)
		p.Send(echo(1))
		p.Receive()
		if got := s.Stats().AcceptErrors; got != failures {
			t.Errorf("%d accept errors counted, want %d", got, failures)
		}
	})
}

// TestSlowReader does not take its answers: the write deadline ends the connection.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{WriteTimeout: 2 * time.Second})
		p := l.dial(t, s.codec)
		p.Send(echo(1))
		time.Sleep(3 * time.Second)
		stats := s.Stats()
		if stats.Closed[ReasonWriteTimeout] != 1 || stats.Undeliverable != 1 || stats.Answers != 0 {
			t.Errorf("counters %+v", stats)
		}
	})
}

// TestPeerOf counts an IPv6 /64 as one.
func TestPeerOf(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7:1000":                  "192.0.2.7",
		"[::ffff:192.0.2.7]:1000":         "192.0.2.7",
		"[2001:db8:0:1:2:3:4:5]:1000":     "2001:db8:0:1::/64",
		"[2001:db8:0:1:ffff::1]:2000":     "2001:db8:0:1::/64",
		"[fe80::1%eth0]:2000":             "fe80::/64",
		"something without a port number": "something without a port number",
	} {
		if got := peerOf(text(address)); got != want {
			t.Errorf("%s counts as %s, want %s", address, got, want)
		}
	}
}

// text is an address that is only text.
type text string

func (text) Network() string  { return "tcp" }
func (a text) String() string { return string(a) }
