package stage

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"treasury-switch/simulator"
)

// simulated is a simulator in this process, with its control port's address.
func simulated(t *testing.T) (*simulator.Simulator, string) {
	t.Helper()
	s := simulator.New(simulator.Config{Address: "127.0.0.1:0", ControlAddress: "127.0.0.1:0"})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, "http://" + s.ControlAddr()
}

// TestControl tells a simulator its faults, and reads its ledger and its refusals.
func TestControl(t *testing.T) {
	s, url := simulated(t)
	if err := SetFaults(t.Context(), url, simulator.Faults{Drop: 7, On: simulator.Purchases}); err != nil || s.Faults().Drop != 7 {
		t.Errorf("the faults are %+v: %v", s.Faults(), err)
	}
	if err := SetFaults(t.Context(), url, simulator.Faults{Drop: 700}); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("faults that cannot be were taken: %v", err)
	}
	l, err := ReadLedger(t.Context(), url, time.Time{})
	if err != nil || len(l.Debits) != 0 || l.Totals != (simulator.Totals{}) {
		t.Errorf("the ledger of a new simulator is %+v: %v", l, err)
	}
	if err := get(t.Context(), url+"/nothing", nil); err == nil {
		t.Error("a page that is not there was read")
	}
}

// TestReadLedger reads the debits since a time, whatever else the ledger says.
func TestReadLedger(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"day": "2026-11-24", "more": {"a": [1]}, "totals": {"debited": 1, "reversed": 1}, "debits": [
			{"rrn": "1", "amount": 5, "state": "debited", "debited_at": "2026-11-24T10:00:00+03:30"},
			{"rrn": "2", "amount": 6, "state": "reversed", "debited_at": "2026-11-24T10:00:01+03:30"}], "rest": null}`)
	}))
	defer server.Close()
	at := time.Date(2026, 11, 24, 6, 30, 1, 0, time.UTC)
	for since, want := range map[time.Time]int{{}: 2, at: 1, at.Add(1): 0} {
		l, err := ReadLedger(t.Context(), server.URL, since)
		if err != nil || len(l.Debits) != want || l.Totals.Reversed != 1 {
			t.Errorf("since %s the ledger is %+v: %v", since, l, err)
		}
	}
}

// TestFreeAddresses gives each listener a port of its own, and leaves alone what was chosen.
func TestFreeAddresses(t *testing.T) {
	s := Settings{Admin: "127.0.0.1:1"}
	if err := s.FreeAddresses(context.Background()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, a := range []string{s.Terminals, s.HTTP, s.Admin, s.Network, s.Faults} {
		if a == "" || seen[a] {
			t.Errorf("addresses %+v", s)
		}
		seen[a] = true
	}
	if s.Admin != "127.0.0.1:1" {
		t.Errorf("the chosen address became %s", s.Admin)
	}
}
