package node

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/iso/server"
	switching "treasury-switch/switch"
)

// standIn is a card network that signs on and answers echoes, and nothing more.
func standIn(t *testing.T, address string) (*server.Server, string) {
	t.Helper()
	s, err := server.New(server.Config{Name: "network", Dialect: iso.ShetabDialect(), Direction: iso.ToNetwork,
		Framing: iso.ShetabDialect().Framing(),
		Handler: func(_ context.Context, _ *server.Session, m *iso.Message) *iso.Message {
			reply := m.Clone()
			reply.MTI = m.MTI.Answer()
			reply.Set(iso.FieldCode, string(iso.RC00Approved))
			reply.Set(iso.FieldReceiver, "999999")
			return reply
		}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { _ = s.Serve(l); close(served) }()
	t.Cleanup(func() { s.Close(); <-served })
	return s, l.Addr().String()
}

// testConfig is a node on the test's own database, on free ports, with a short ladder.
func testConfig(t *testing.T, network string) Config {
	t.Helper()
	folder := t.TempDir()
	return Config{
		DatabaseURL: testdb.URL(t), Folder: folder, Dev: true, Name: "test", Version: "test", MasterKeyFile: folder + "/master.key",
		Terminals: Listener{Address: "127.0.0.1:0", Wire: Wire{Dialect: iso.TerminalDialect(), Framing: iso.TerminalDialect().Framing()}, Acquirer: "581672000"},
		Network: Links{Addresses: []string{network}, Count: 1, Wire: Wire{Dialect: iso.ShetabDialect(), Framing: iso.ShetabDialect().Framing()},
			Institution: "581672001", Receiver: "999999", City: "تهران", EchoInterval: time.Minute, SignOnWait: 5 * time.Second},
		HTTP: "127.0.0.1:0", Admin: "127.0.0.1:0", Lanes: 1,
		Switch: switching.Config{
			Timers: switching.Timers{Network: 2 * time.Second, Switch: 3 * time.Second, Terminal: 4 * time.Second,
				SendBefore: 500 * time.Millisecond, InFlight: time.Second, Grace: time.Second},
			Limits: switching.DefaultLimits, Forward: switching.DefaultForward,
		},
		AcceptVolatile: true, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
}
