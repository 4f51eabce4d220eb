package server

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/security/mac"
)

// brittle is a MAC whose work breaks off so many times.
type brittle struct {
	mac.Code
	times *atomic.Int32
}

func (b brittle) Sum(message []byte) [mac.Size]byte {
	if b.times.Add(-1) >= 0 {
		panic("made to fail")
	}
	return b.Code.Sum(message)
}

// TestABugEndsOneMessage at most, wherever our work on it breaks off: the process, the connection and the place that the message
// holds in it are there for the next one.
func TestABugEndsOneMessage(t *testing.T) {
	for name, c := range map[string]struct {
		handler, code, observe, seal int // how often each breaks off
		want                         string
	}{
		"the handler":               {handler: 1, want: "09"},
		"the handler, and its code": {handler: 1, code: 1},
		"observing":                 {observe: 1, want: "00"},
		"sealing":                   {seal: 1, want: "09"},
		"sealing, twice":            {seal: 2},
	} {
		t.Run(name, func(t *testing.T) {
			left := map[string]*atomic.Int32{}
			for what, times := range map[string]int{"handler": c.handler, "code": c.code, "observe": c.observe} {
				left[what] = new(atomic.Int32)
				left[what].Store(int32(times))
			}
			breaks := func(what string) {
				if left[what].Add(-1) >= 0 {
					panic("made to fail")
				}
			}
			seal := new(atomic.Int32)
			s, l := startTCP(t, Config{
				MaxInFlight: 1,
				MAC:         brittle{isotest.MAC(t), seal},
				Handler: func(ctx context.Context, se *Session, m *iso.Message) *iso.Message {
					breaks("handler")
					if m.Get(11) == "000001" {
						seal.Store(int32(c.seal))
					}
					return approve(ctx, se, m)
				},
				Broken:  func(*iso.Message) iso.Code { breaks("code"); return iso.RC09InProgress },
				Observe: func(*iso.Message, string, time.Duration) { breaks("observe") },
			})
			s.codec.MAC = isotest.MAC(t)
			p := dialTCP(t, l, s.codec)
			p.Send(echo(1))
			if c.want != "" {
				isotest.Want(t, p.Receive(), iso.MTINetworkAnswer, map[int]string{11: "000001", 39: c.want})
			}
			isotest.Want(t, p.Ask(echo(2)), iso.MTINetworkAnswer, map[int]string{11: "000002", 39: "00"})
			want := uint64(c.handler + c.code + c.observe + c.seal)
			isotest.Eventually(t, "each is counted", func() bool { return s.Stats().Panics == want })
			if log := s.log.String(); strings.Contains(log, "made to fail") || !strings.Contains(log, "panic") {
				t.Errorf("the log tells the text of the panic, or nothing: %s", log)
			}
		})
	}
}

// TestABugInReading closes its connection, whose state is not known, and no other.
func TestABugInReading(t *testing.T) {
	times := new(atomic.Int32)
	s, l := startTCP(t, Config{MAC: brittle{isotest.MAC(t), times}})
	s.codec.MAC = isotest.MAC(t)
	other := dialTCP(t, l, s.codec)
	isotest.Want(t, other.Ask(echo(1)), iso.MTINetworkAnswer, map[int]string{39: "00"})
	p := dialTCP(t, l, s.codec)
	times.Store(1)
	p.Send(echo(2))
	p.ExpectClosed()
	isotest.Want(t, other.Ask(echo(3)), iso.MTINetworkAnswer, map[int]string{39: "00"})
	isotest.Eventually(t, "the connection is forgotten", func() bool { return s.Stats().Open == 1 })
	if got := s.Stats(); got.Panics != 1 || got.Closed[ReasonBug] != 1 {
		t.Errorf("%+v", got)
	}
}
