package pos_test

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// wait is longer than any exchange on one machine takes; only exchanges without an answer wait so long.
const wait = 200 * time.Millisecond

// host is a switch that answers what a script says: a code for each message in turn; "" no answer, "cut" hangs up.
type host struct {
	address string
	mu      sync.Mutex
	script  []string
	heard   []*iso.Message
}

// newHost listens on a free port until the test ends.
func newHost(t *testing.T, script ...string) *host {
	t.Helper()
	h := &host{script: script}
	dialect := iso.TerminalDialect()
	s, err := server.New(server.Config{
		Name: "test", Dialect: dialect, Direction: iso.ToSwitch, Framing: dialect.Framing(), Handler: h.handle,
		Malformed: func(ctx context.Context, s *server.Session, m *iso.Message, faults iso.Faults) *iso.Message {
			t.Errorf("the terminal's %s is malformed: %v", m.MTI, faults)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.address = listener.Addr().String()
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.Serve(listener) }) // It ends with Shutdown below.
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		_ = s.Shutdown(ctx)
		serving.Wait()
	})
	return h
}

func (h *host) handle(_ context.Context, s *server.Session, m *iso.Message) *iso.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = append(h.heard, m.Clone())
	say := "00"
	if len(h.script) > 0 {
		say, h.script = h.script[0], h.script[1:]
	}
	switch say {
	case "":
		return nil
	case "cut":
		s.Close()
		return nil
	case "stranger":
		other := m.Clone()
		other.Set(11, "999999")
		_ = s.Send(server.Refuse(iso.TerminalDialect(), other, iso.RC00Approved, nil))
		say = "51"
	}
	return server.Refuse(iso.TerminalDialect(), m, iso.Code(say), nil)
}

// types are the message types heard, in their order.
func (h *host) types() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, m := range h.heard {
		all = append(all, m.MTI.String())
	}
	return all
}

func till(t *testing.T) (*pos.Terminal, pos.Sale) {
	t.Helper()
	card, err := identity.ParsePAN("6037990000000014")
	if err != nil {
		t.Fatal(err)
	}
	return pos.New("10100001", 101, 0, time.Now), pos.Sale{Card: card, Amount: 1_476_112, Service: "PASSPORT"}
}

// TestCarry tells what a terminal sends for each way the switch behaves, and what it then believes.
func TestCarry(t *testing.T) {
	patience := pos.Patience{Repeats: 2, Reversals: 3, Pause: time.Millisecond}
	for _, c := range []struct {
		name     string
		script   []string
		sent     []string
		code     iso.Code
		reversed bool
	}{
		{"approved", []string{"00"}, []string{"0200"}, "00", false},
		{"declined", []string{"51"}, []string{"0200"}, "51", false},
		{"answer lost", []string{"", "00"}, []string{"0200", "0201"}, "00", false},
		{"connection cut", []string{"cut", "00"}, []string{"0200", "0201"}, "00", false},
		{"still in flight", []string{"09", "00"}, []string{"0200", "0201"}, "00", false},
		{"gives up and reverses", []string{"", "", ""}, []string{"0200", "0201", "0201", "0420"}, "", true},
		{"reversal answer lost", []string{"", "", "", "", "91", "00"}, []string{"0200", "0201", "0201", "0420", "0421", "0421"}, "", true},
		{"never an answer", []string{"", "", "", "", "", ""}, []string{"0200", "0201", "0201", "0420", "0421", "0421"}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t, c.script...)
			line := pos.NewLine(h.address, wait)
			defer line.Close()
			tm, sale := till(t)
			got := tm.Carry(t.Context(), line, tm.Purchase(sale), patience)
			if got.Code() != c.code || got.Reversed != c.reversed {
				t.Errorf("believes %q, reversed %v; want %q, %v", got.Code(), got.Reversed, c.code, c.reversed)
			}
			if sent := h.types(); !slices.Equal(sent, c.sent) {
				t.Errorf("sent %v, want %v", sent, c.sent)
			}
		})
	}
}

// TestIdentityIsKept holds what makes two messages the same request: a repeat keeps all of it, and a reversal names it.
func TestIdentityIsKept(t *testing.T) {
	tm, sale := till(t)
	first := tm.Purchase(sale)
	repeat, reversal := tm.Repeat(first), tm.Reversal(first, true)
	for _, f := range []int{2, 3, 4, 11, 12, 13, 41, 42, 48, 49} {
		if repeat.Get(f) != first.Get(f) {
			t.Errorf("F%d of the repeat differs", f)
		}
	}
	for _, f := range []int{4, 12, 13, 41, 42} {
		if reversal.Get(f) != first.Get(f) {
			t.Errorf("F%d of the reversal differs", f)
		}
	}
	if reversal.Get(11) == first.Get(11) || reversal.Get(90)[:10] != "0200"+first.Get(11) {
		t.Errorf("the reversal's F11 is %s and F90 %s", reversal.Get(11), reversal.Get(90))
	}
}

// TestStrangersArePassedOver sends what the line did not ask for before its answer.
func TestStrangersArePassedOver(t *testing.T) {
	h := newHost(t, "stranger", "", "00")
	line := pos.NewLine(h.address, wait)
	defer line.Close()
	tm, sale := till(t)
	answer, err := line.Exchange(t.Context(), tm.Purchase(sale))
	if err != nil || pos.Code(answer) != iso.RC51InsufficientFunds {
		t.Fatalf("answer to another trace number first: %v %v, want 51", pos.Code(answer), err)
	}
	if _, err := line.Exchange(t.Context(), tm.Purchase(sale)); !fault.Is(err, fault.Unknown) {
		t.Fatalf("no answer is %v, want unknown", err)
	}
	answer, err = line.Exchange(t.Context(), tm.Echo())
	if err != nil || pos.Code(answer) != iso.RC00Approved {
		t.Fatalf("echo: %v %v", pos.Code(answer), err)
	}
}

// TestNobodyListens tells that nothing was sent.
func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	tm, sale := till(t)
	line := pos.NewLine(address, wait)
	got := tm.Carry(t.Context(), line, tm.Purchase(sale), pos.Patience{Repeats: 1, Reversals: 1, Pause: time.Millisecond})
	if got.Sent != 0 || got.Reversing || got.Answer != nil {
		t.Errorf("%+v, want nothing sent", got)
	}
}
