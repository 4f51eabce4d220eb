package network

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/server"
	"treasury-switch/security/mac"
)

// loopback runs a pool of two links against a real server over TCP, with a MAC or
// without.
func loopback(t testing.TB, code mac.Code) *Pool {
	t.Helper()
	host, err := server.New(server.Config{
		Dialect: iso.ShetabDialect(), Direction: iso.ToNetwork, MAC: code,
		Handler: approving,
		Malformed: func(ctx context.Context, s *server.Session, m *iso.Message, _ iso.Faults) *iso.Message {
			return approving(ctx, s, m)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	signedOn := make(chan struct{}, 8)
	config := PoolConfig{Events: func(e Event) {
		if e.Kind == SignedOn {
			signedOn <- struct{}{}
		}
	}}
	for _, name := range []string{"a", "b"} {
		config.Links = append(config.Links, Config{Name: name, Addresses: []string{l.Addr().String()},
			Dialect: iso.ShetabDialect(), MAC: code, Institution: "581672041"})
	}
	pool, err := NewPool(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = host.Serve(l) })
	running.Go(func() { _ = pool.Run(ctx) })
	t.Cleanup(func() { cancel(); host.Close(); running.Wait() })
	<-signedOn
	<-signedOn
	return pool
}

// approving is a card network that approves everything.
func approving(_ context.Context, _ *server.Session, m *iso.Message) *iso.Message {
	if m.MTI == iso.MTINetwork {
		answer := server.Refuse(iso.ShetabDialect(), m, iso.RC00Approved, nil)
		answer.Unset(42)
		answer.Set(100, m.Get(33))
		return answer
	}
	return answerTo(m)
}

// TestLoopback sends many requests at once over real sockets: each gets its own
// answer.
func TestLoopback(t *testing.T) {
	pool := loopback(t, isotest.MAC(t))
	const callers, each = 20, 50
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() {
			for i := range each {
				m := purchase(caller*each + i)
				answer, err := pool.Exchange(t.Context(), m, time.Now().Add(time.Minute))
				if err != nil || answer.Get(11) != m.Get(11) || answer.MTI != iso.MTIPurchaseAnswer {
					t.Errorf("request %s: %v, %v", m.Get(11), answer, err)
					return
				}
			}
		})
	}
	all.Wait()
	var answered uint64
	for _, status := range pool.Status() {
		if status.Answered == 0 {
			t.Errorf("link %s carried nothing", status.Name)
		}
		answered += status.Answered
	}
	if answered != callers*each {
		t.Errorf("%d answered, want %d", answered, callers*each)
	}
}

// BenchmarkExchange measures requests through two links to a server in the same
// process, sealed with a retail MAC and open.
func BenchmarkExchange(b *testing.B) {
	b.Run("sealed", func(b *testing.B) { benchmarkExchange(b, isotest.MAC(b)) })
	b.Run("open", func(b *testing.B) { benchmarkExchange(b, nil) })
}

func benchmarkExchange(b *testing.B, code mac.Code) {
	pool := loopback(b, code)
	var serial sync.Mutex
	next := 0
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			serial.Lock()
			next++
			stan := next % 1_000_000
			terminal := fmt.Sprintf("%08d", next/1_000_000)
			serial.Unlock()
			m := purchase(stan)
			m.Set(41, terminal)
			if _, err := pool.Exchange(context.Background(), m, time.Time{}); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
