package server

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
)

// zeroFrames are frames of length zero in each framing.
var zeroFrames = map[iso.FramingKind]string{iso.Length2: "\x00\x00", iso.ASCII4: "0000", iso.Length2TPDU: "\x00\x00"}

// TestC11_KeepAlive: where the listener says so, frames of length zero before, between and
// behind messages are passed over and counted, also in pieces; otherwise they close the
// connection.
func TestC11_KeepAlive(t *testing.T) {
	for kind, zero := range zeroFrames {
		t.Run(kind.String(), func(t *testing.T) {
			s, l := startTCP(t, Config{Framing: iso.Framing{Kind: kind}, KeepAlive: true})
			p := dialTCP(t, l, s.codec)
			p.Write([]byte(zero + zero))
			for stan := 1; stan <= 2; stan++ {
				p.Write(append([]byte(zero), p.Frame(echo(stan))...))
				isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{39: "00"})
			}
			for _, half := range []string{zero[:1], zero[1:]} {
				p.Write([]byte(half))
			}
			isotest.Eventually(t, "all are counted", func() bool { return s.Stats().KeepAlives == 5 })
			if got := s.Stats(); got.Open != 1 || got.Messages != 2 || got.Malformed != 0 {
				t.Errorf("%+v", got)
			}

			strict, other := startTCP(t, Config{Framing: iso.Framing{Kind: kind}})
			p = dialTCP(t, other, strict.codec)
			p.Write([]byte(zero))
			p.ExpectClosed()
			isotest.Eventually(t, "it is counted", func() bool { return strict.Stats().Closed[ReasonFrameLength] == 1 })
			if got := strict.Stats().KeepAlives; got != 0 {
				t.Errorf("%d keep-alives", got)
			}
		})
	}
}

// TestKeepAliveWithoutAMessage: with a TPDU, a frame that holds nothing else is no
// keep-alive.
func TestKeepAliveWithoutAMessage(t *testing.T) {
	s, l := startTCP(t, Config{Framing: iso.Framing{Kind: iso.Length2TPDU}, KeepAlive: true})
	p := dialTCP(t, l, s.codec)
	p.Write([]byte("\x00\x05\x60\x00\x01\x00\x02"))
	p.ExpectClosed()
}

// TestC11_KeepAliveDoesNotFeedTheIdleTimer: a connection that sends nothing else is idle,
// whether the frames come now and then, byte by byte, or many at once.
func TestC11_KeepAliveDoesNotFeedTheIdleTimer(t *testing.T) {
	for name, send := range map[string]func(p *isotest.Peer) error{
		"now and then": func(p *isotest.Peer) error {
			time.Sleep(3 * time.Second)
			_, err := p.Conn.Write([]byte{0, 0})
			return err
		},
		"byte by byte": func(p *isotest.Peer) error {
			time.Sleep(time.Second)
			_, err := p.Conn.Write([]byte{0})
			return err
		},
		"many at once": func(p *isotest.Peer) error {
			time.Sleep(time.Second)
			_, err := p.Conn.Write(bytes.Repeat([]byte{0}, readAhead+1))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newPipes()
				s := start(t, l, Config{IdleTimeout: 10 * time.Second, KeepAlive: true})
				p := l.dial(t, s.codec)
				p.Send(echo(1))
				p.Receive()
				began := time.Now()
				for send(p) == nil {
					if time.Since(began) > time.Minute {
						t.Fatal("it is still open")
					}
				}
				synctest.Wait()
				if took := time.Since(began); took < 9*time.Second || took > 16*time.Second {
					t.Errorf("closed after %v", took)
				}
				if got := s.Stats(); got.Closed[ReasonIdle] != 1 || got.KeepAlives < 3 {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// TestC11_HalfAKeepAlive: the time for the rest of a frame is not given to the wait for the
// next one.
func TestC11_HalfAKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newPipes()
		s := start(t, l, Config{IdleTimeout: 10 * time.Second, KeepAlive: true})
		p := l.dial(t, s.codec)
		time.Sleep(8 * time.Second)
		p.Write([]byte{0})
		time.Sleep(time.Second)
		p.Write([]byte{0})
		began := time.Now()
		p.ExpectClosed()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("closed %v after the last frame", took)
		}
	})
}

// TestC11_KeepAlivesWithoutAPause: where there is always another one to read, so that
// nothing is ever waited for, the idle time ends all the same.
func TestC11_KeepAlivesWithoutAPause(t *testing.T) {
	s, err := New(Config{Dialect: iso.TerminalDialect(), Handler: approve, IdleTimeout: time.Minute, KeepAlive: true})
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	defer near.Close()
	session := newSession(s, 1, far, "test")
	in := bufio.NewReader(io.MultiReader(bytes.NewReader(make([]byte, 1000)), bytes.NewReader(isotest.NewPeer(t, near, s.codec).Frame(echo(1)))))
	frames := iso.NewReader(in, iso.Framing{})
	if _, err := in.Peek(1); err != nil {
		t.Fatal(err)
	}
	if _, _, err := session.readFrame(in, frames, nil); err != nil || s.Stats().KeepAlives != 500 {
		t.Errorf("%v after %d keep-alives", err, s.Stats().KeepAlives)
	}
	in.Reset(bytes.NewReader(make([]byte, 1000)))
	if _, err := in.Peek(1); err != nil {
		t.Fatal(err)
	}
	session.received, session.lastWrite = time.Now().Add(-time.Hour), time.Now().Add(-time.Hour)
	if _, _, err := session.readFrame(in, frames, nil); !errors.Is(err, errIdle) || s.Stats().KeepAlives != 501 {
		t.Errorf("%v after %d keep-alives", err, s.Stats().KeepAlives)
	}
}
