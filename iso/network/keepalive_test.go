package network

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"treasury-switch/iso"
)

// TestC11_KeepAlive: frames of length zero of the network are passed over, and what is in
// flight gets its answer; without the setting they end the connection.
func TestC11_KeepAlive(t *testing.T) {
	for name, agreed := range map[string]bool{"agreed on": true, "not agreed on": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, w := single(t, func(c *PoolConfig) { c.Links[0].KeepAlive = agreed })
				done := r.exchange(purchase(1), time.Time{})
				request := <-w.requests
				_ = w.write([]byte{0, 0})
				synctest.Wait()
				if !agreed {
					got := expect(t, done, ErrNoAnswer)
					if !strings.Contains(got.err.Error(), "empty frame") || r.Status()[0].Failures != 1 {
						t.Errorf("%v, %+v", got.err, r.Status()[0])
					}
					return
				}
				_ = w.write([]byte{0})
				_ = w.write([]byte{0})
				w.trySend(answerTo(request))
				expect(t, done, nil)
				if got := r.Status()[0]; got.KeepAlives != 2 || got.State != Ready {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// TestC11_KeepAliveIsNoSignOfLife: a network that answers no echo is given up although it
// sends frames of nothing, and so is one that floods the link with them.
func TestC11_KeepAliveIsNoSignOfLife(t *testing.T) {
	for name, c := range map[string]struct {
		frames []byte
		pause  time.Duration
		echoes bool
	}{
		"no echo is answered":        {[]byte{0, 0}, 5 * time.Second, false},
		"byte by byte":               {[]byte{0}, time.Second, false},
		"echoes are answered, slow":  {[]byte{0, 0}, 7 * time.Second, true},
		"echoes are answered, flood": {bytes.Repeat([]byte{0}, 1<<12), time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHost(t)
				r := start(t, h, func(c *PoolConfig) { c.Links[0].KeepAlive = true }, "a")
				w := <-h.conns
				if !c.echoes {
					h.set(iso.FunctionEcho, "")
				}
				began := time.Now()
				for w.write(c.frames) == nil && time.Since(began) < 10*time.Minute {
					time.Sleep(c.pause)
				}
				switch took := time.Since(began); {
				case c.echoes && took < 10*time.Minute:
					t.Errorf("a living link was given up after %v: %s", took, r.Status()[0].LastError)
				case !c.echoes && took > 3*time.Minute:
					t.Errorf("a dead link was kept for %v", took)
				}
			})
		})
	}
}

// TestC11_KeepAlivesWithoutAPause: where there is always another one to read, so that
// nothing is ever waited for, the network's silence ends the connection all the same.
func TestC11_KeepAlivesWithoutAPause(t *testing.T) {
	l := &link{config: Config{KeepAlive: true, EchoMisses: 3, EchoInterval: time.Second, EchoTimeout: time.Second, ReadTimeout: time.Second}}
	in := bufio.NewReader(bytes.NewReader(make([]byte, 1000)))
	r := &intake{session: &session{link: l}, in: in, frames: iso.NewReader(in, iso.Framing{}), received: time.Now().Add(-time.Hour)}
	if _, err := in.Peek(1); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.frame(nil); !errors.Is(err, os.ErrDeadlineExceeded) || l.totals.keepAlives.Load() != 1 {
		t.Errorf("%v after %d keep-alives", err, l.totals.keepAlives.Load())
	}
}
