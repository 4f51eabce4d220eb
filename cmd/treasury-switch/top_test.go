package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"treasury-switch/cmd/treasury-switch/pulse"
)

// metered serves the metrics of a node: first as they were, then as they became, and nothing after so many times.
func metered(t *testing.T, times int32) string {
	t.Helper()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := asked.Add(1)
		name := "after.txt"
		if n == 1 {
			name = "before.txt"
		}
		text, err := os.ReadFile("pulse/testdata/" + name)
		if err != nil || n > times {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(text) // The client has gone if this fails.
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// top runs the command and gives its exit code and what it wrote.
func top(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	var out, err bytes.Buffer
	code := run(t.Context(), append([]string{"top", "--every", "100ms"}, args...), streams{in: strings.NewReader("q"), out: &out, err: &err})
	return code, out.String(), err.String()
}

func TestTopPrintsViewsWithoutATerminal(t *testing.T) {
	code, out, err := top(t, "--admin", metered(t, 9), "--count", "2")
	if code != exitDone || err != "" {
		t.Fatalf("exit code %d: %s", code, err)
	}
	views := strings.Split(out, "Switch test on ")
	if len(views) != 3 || strings.Contains(out, "\x1b") {
		t.Fatalf("%d views in %q", len(views)-1, out)
	}
	for _, want := range []string{"TAKES NO PAYMENTS: network", "2025-11-21 (1404/08/30)", "in_flight", "00 ", "51 ", "AWAY", "signed on",
		"late_approval 2", "until the intent is durable", "oldest -"} {
		if !strings.Contains(views[1], want) {
			t.Errorf("no %q in\n%s", want, views[1])
		}
	}
	if !strings.Contains(views[2], "payments  0.0/s") {
		t.Errorf("nothing happened between the second and the third look:\n%s", views[2])
	}
}

func TestTopPrintsALineOfJSONPerView(t *testing.T) {
	code, out, _ := top(t, "--admin", metered(t, 9), "--count", "2", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitDone || len(lines) != 2 {
		t.Fatalf("exit code %d, %d lines", code, len(lines))
	}
	var r pulse.Report
	if err := json.Unmarshal([]byte(lines[0]), &r); err != nil || r.Payments <= 0 || r.Latency.Count != 60 {
		t.Errorf("%v: %+v", err, r)
	}
}

func TestTopEndsWithTheNode(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"node away later":    {[]string{"--admin", metered(t, 2)}, 69},
		"node away at once":  {[]string{"--admin", metered(t, 0)}, 69},
		"too often":          {[]string{"--admin", metered(t, 9), "--every", "1ms"}, 65},
		"less than no views": {[]string{"--admin", metered(t, 9), "--count=-1"}, 65},
	} {
		t.Run(name, func(t *testing.T) {
			if code, _, err := top(t, c.args...); code != c.code || err == "" {
				t.Errorf("exit code %d, want %d: %s", code, c.code, err)
			}
		})
	}
}

// On a terminal a view replaces the one before, and no more lines are drawn than fit.
func TestScreenIsDrawnInPlace(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, live: true, rows: func() int { return 2 }, end: func() {}}
	s.draw("one\ntwo\nthree\n")
	s.close()
	if got, want := out.String(), home+"one"+restOfLine+"\r\ntwo"+restOfLine+restOfAll+leaveScreen; got != want {
		t.Errorf("drawn %q, want %q", got, want)
	}
}

func TestKeysThatEndTheView(t *testing.T) {
	for keys, want := range map[string]string{"abq rest": " rest", "\x03x": "x", "ab": ""} {
		ended := false
		in := strings.NewReader(keys)
		watchKeys(in, func() { ended = true })
		rest := keys[len(keys)-in.Len():]
		if !ended || rest != want {
			t.Errorf("%q: ended %t, %q is left", keys, ended, rest)
		}
	}
}
