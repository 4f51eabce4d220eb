package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/threeway"
	"treasury-switch/iso"
)

// TestTheManualHasEveryScenario holds the table of docs/torture.md against the scenarios, in both directions.
func TestTheManualHasEveryScenario(t *testing.T) {
	text, err := os.ReadFile("../../docs/torture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n## Scenarios\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\| ").FindAllStringSubmatch(table, -1) {
		documented = append(documented, row[1])
	}
	var played []string
	for _, s := range append(scenarios(), scenario{name: mixName}) {
		played = append(played, s.name)
	}
	if !slices.Equal(documented, played) {
		t.Errorf("the manual has %q, played are %q", documented, played)
	}
}

// TestASeedAlwaysDrawsTheSame has two plans of a seed, and one of another.
func TestASeedAlwaysDrawsTheSame(t *testing.T) {
	print := func(actions []action) string {
		var b strings.Builder
		for _, a := range actions {
			b.WriteString(a.kind.name + a.at.String() + a.lasts.String() + string(rune('A'+a.node)))
		}
		return b.String()
	}
	first, again := print(plan(7)), print(plan(7))
	if first != again || first == print(plan(8)) {
		t.Error("a plan does not follow from its seed alone")
	}
	drawn := map[string]int{}
	for seed := range uint64(20) {
		for _, a := range plan(seed) {
			drawn[a.kind.name]++
			if a.lasts < a.kind.lasts[0] || a.lasts > a.kind.lasts[1] {
				t.Errorf("%s lasts %s", a.kind.name, a.lasts)
			}
		}
	}
	for _, k := range kinds() {
		if drawn[k.name] == 0 {
			t.Errorf("%s is never drawn", k.name)
		}
	}
	some := pick(within(plan(7), 20*time.Second), []int{2, 3})
	if numbers(some) != "2,3" || length(within(plan(7), 20*time.Second)) > 20*time.Second {
		t.Errorf("picked %s", numbers(some))
	}
}

// TestFlagsThatMakeNoSense are refused before anything is started.
func TestFlagsThatMakeNoSense(t *testing.T) {
	for _, flags := range [][]string{
		{"--duration=0s"}, {"--parallel=0"}, {"--parallel=9"}, {"--quiet=1ms"}, {"--scenario=nothing"}, {"--actions=1"},
		{"--switch=/bin/true"}, {"--no-such-flag"},
	} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), flags, &out, &errs); code != exitMisused || !strings.Contains(errs.String(), "torture: ") {
			t.Errorf("%v ends with %d and says %q", flags, code, errs.String())
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"--list"}, &out, &errs); code != exitHolds || !strings.Contains(out.String(), "told-by-another-node") {
		t.Errorf("--list ends with %d and says %q", code, out.String())
	}
	out.Reset()
	if code := run(t.Context(), []string{"--help"}, &out, &errs); code != 0 || !strings.Contains(out.String(), "Example:") {
		t.Errorf("--help ends with %d and says %q", code, out.String())
	}
}

// TestAnnouncement reads where a node listens out of its log, whatever comes before and in what pieces.
func TestAnnouncement(t *testing.T) {
	var log bytes.Buffer
	a := &announcer{log: &log, ready: make(chan struct{})}
	if a.at().Admin != "127.0.0.1:9" {
		t.Error("a node that is not there listens")
	}
	for _, piece := range []string{"no JSON\n{\"msg\":\"other\",\"terminals\":5}\n{\"msg\":\"the switch takes ", "payments\",\"terminals\":\"h:1\",\"admin\":\"h:2\"}\n",
		"{\"msg\":\"the switch takes payments\",\"terminals\":\"h:3\"}\n"} {
		if _, err := a.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-a.ready:
	default:
		t.Fatal("it is not ready")
	}
	if a.at() != (announcement{Msg: takesPayments, Terminals: "h:1", Admin: "h:2"}) || !strings.HasPrefix(log.String(), "no JSON\n") {
		t.Errorf("%+v", a.at())
	}
}

// TestHistory tells what is known of a payment, in the order of time, and finds the actions around it.
func TestHistory(t *testing.T) {
	f := &field{}
	m := &iso.Message{MTI: iso.MTIPurchase}
	for n, value := range map[int]string{4: "000000000100", 11: "000001", 12: "103000", 13: "1121", 41: "10100001"} {
		m.Set(n, value)
	}
	f.told.Enter(m, threeway.Word{Node: "B", Code: "00", Sent: 20 * time.Second, Heard: 21 * time.Second})
	f.told.Enter(m, threeway.Word{Node: "A", Sent: 10 * time.Second, Heard: 13 * time.Second})
	payments := []threeway.Payment{{RRN: "1", Request: threeway.RequestOf(m), Status: "REVERSED", Reasons: "network told_unknown"}}
	got := f.history(payments, "1")
	want := "\n       10.000s to  13.000s  0200 to node A: no answer\n       20.000s to  21.000s  0200 to node B: 00\n      recorded: 1, REVERSED (network, told_unknown)"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var actions []action
	for i, at := range []time.Duration{0, 5, 9, 21, 23} {
		actions = append(actions, action{number: i + 1, at: at * time.Second, lasts: time.Second})
	}
	actions[1].lasts = 3 * time.Second
	if near := numbers(f.near([]string{"rule: " + payments[0].Request.String() + ": wrong"}, actions)); near != "2,3,4" {
		t.Errorf("near it were %s", near)
	}
	if near := f.near([]string{"something else"}, actions); len(near) != len(actions) {
		t.Errorf("%d actions for a finding that names no payment", len(near))
	}
}

// TestForeignAnswers are about another message, and only their F37 is ours.
func TestForeignAnswers(t *testing.T) {
	m := &iso.Message{MTI: iso.MTIPurchaseAnswer}
	for n, value := range map[int]string{2: goodCard, 4: "000001476112", 11: "000999", 37: "525300000001", 38: "000001", 39: "00", 41: "10100001"} {
		m.Set(n, value)
	}
	no, yes := foreign(m, iso.RC51InsufficientFunds), foreign(m, iso.RC00Approved)
	if no.Get(37) != m.Get(37) || no.Get(11) == m.Get(11) || no.Get(41) == m.Get(41) || no.Has(38) || no.Get(39) != "51" {
		t.Errorf("the decline is %v", no)
	}
	if yes.Get(39) != "00" || !yes.Has(38) || yes.Get(11) == m.Get(11) || m.Get(11) != "000999" {
		t.Errorf("the approval is %v", yes)
	}
	if next("000999") != "001000" || next("999999") != "000000" {
		t.Error("a trace number is not one higher")
	}
}
