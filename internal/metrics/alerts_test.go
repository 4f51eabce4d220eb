package metrics

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"treasury-switch/internal/await"
	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/promrule"
	"treasury-switch/internal/scrape"
	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// served is what Prometheus would be told.
func served(t *testing.T, s *Set) scrape.Page {
	t.Helper()
	families, err := s.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			t.Fatal(err)
		}
	}
	page, err := scrape.Read(&text)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// fires holds that an alert that ships with the product is silent before something happens, and fires when it has.
func fires(t *testing.T, name string, s *Set, happens func()) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := promrule.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	var db promrule.Samples
	at := time.Now()
	firing := func() int {
		at = at.Add(promrule.Interval)
		db.Scrape(at, "treasury-switch", "here", served(t, s))
		for _, r := range rules {
			if r.Name == name {
				elements, err := r.Firing(at, &db)
				if err != nil {
					t.Fatal(err)
				}
				return len(elements)
			}
		}
		t.Fatalf("there is no alert %s", name)
		return 0
	}
	if firing(); firing() > 0 {
		t.Errorf("%s fires before anything has happened", name)
	}
	happens()
	if firing() == 0 {
		t.Errorf("%s does not fire", name)
	}
}

// TestPanicsAreTold has a handler of messages panic.
func TestPanicsAreTold(t *testing.T) {
	dialect := iso.TerminalDialect()
	listener, err := server.New(server.Config{Name: "test", Dialect: dialect, Direction: iso.ToSwitch, Framing: dialect.Framing(),
		Handler: func(context.Context, *server.Session, *iso.Message) *iso.Message { panic("a bug") },
		Malformed: func(_ context.Context, _ *server.Session, m *iso.Message, faults iso.Faults) *iso.Message {
			t.Errorf("%s is malformed: %v", m.MTI, faults)
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = listener.Serve(l) })
	defer serving.Wait()
	defer listener.Close()
	s := New("test")
	s.Watch(Sources{Listener: listener})
	fires(t, "Panics", s, func() {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		m := new(iso.Message)
		(&iso.NetworkManagement{Trace: iso.NewTrace(time.Now(), "000001"), Function: iso.FunctionEcho}).Encode(m)
		packed, err := dialect.Pack(nil, m)
		if err != nil {
			t.Fatal(err)
		}
		frame, err := iso.AppendFrame(nil, packed, dialect.Framing(), iso.TPDU{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(frame); err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if listener.Stats().Panics > 0 || !await.Pause(t.Context().Done(), 10*time.Millisecond) {
				return
			}
		}
	})
}

// TestASetClockIsTold sets the database's clock an hour ahead.
func TestASetClockIsTold(t *testing.T) {
	ahead := time.Duration(0)
	ask := func(context.Context) (time.Time, error) { return time.Now().Add(ahead), nil }
	clock, err := dbclock.Start(t.Context(), ask, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := New("test")
	s.Watch(Sources{Clocks: func() Clocks {
		r := clock.Read(time.Now())
		return Clocks{Skew: r.Skew, Limit: time.Minute, Width: r.Width, Steps: r.Steps}
	}})
	fires(t, "DatabaseClockSet", s, func() {
		ahead = time.Hour
		if err := clock.Ask(t.Context(), ask); err != nil {
			t.Fatal(err)
		}
	})
}
