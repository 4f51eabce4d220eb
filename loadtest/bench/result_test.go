package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		v    verdict
		want string
	}{
		{verdict{Value: 3.5, Must: 2, Aim: 3.5}, saysAim},
		{verdict{Value: 2, Must: 2, Aim: 3.5}, saysMust},
		{verdict{Value: 1.99, Must: 2, Aim: 3.5}, saysMissed},
		{verdict{Value: 25, Must: 60, Aim: 25, Below: true}, saysAim},
		{verdict{Value: 60, Must: 60, Aim: 25, Below: true}, saysMust},
		{verdict{Value: 60.1, Must: 60, Aim: 25, Below: true}, saysMissed},
		{verdict{Must: 60, Aim: 25, Below: true}, saysNothing},
	} {
		if got := judge([]verdict{c.v})[0].Says; got != c.want {
			t.Errorf("%+v: %q, want %q", c.v, got, c.want)
		}
	}
	if missed(judge([]verdict{{Value: 3, Must: 2, Aim: 4}, {Must: 2, Aim: 4}})) {
		t.Error("a pass and a figure that was not measured are a miss")
	}
	if !missed(judge([]verdict{{Value: 3, Must: 2, Aim: 4}, {Value: 1, Must: 2, Aim: 4}})) {
		t.Error("a miss is none")
	}
}

// TestSummary: the figures are medians of the runs, and the ratios those of medians.
func TestSummary(t *testing.T) {
	r := result{Runs: series{}}
	for name, values := range map[string][]float64{
		runTPCB: {1000, 900, 5000}, runCopy: {20_000, 10_000, 16_000}, runLedger: {9000, 8000, 7000}, runLedger256: {100, 300, 200},
		runEndToEnd: {2000, 1000, 3000}, runP50: {4, 5, 6}, runP99: {40, 60, 50}, runSingle: {400},
		runHalf: {900, 1000, 1100}, runHalfP50: {6, 8, 7}, runHalfP99: {12, 70, 11}, runIdleP50: {3, 9, 4}, runIdleSwitch: {1.5, 6, 1},
		runSlowEndToEnd: {1700, 1800, 2500}, runSlowCommit: {2500, 2600, 2700},
	} {
		for _, v := range values {
			r.Runs.add(name, v)
		}
	}
	r.summarise()
	for name, c := range map[string][2]float64{
		"tpcb": {r.TPCB, 1000}, "copy": {r.Copy, 16_000}, "ledger": {r.Ledger, 8000}, "ledger 256": {r.Ledger256, 200},
		"end to end": {r.EndToEnd, 2000}, "p50": {r.EndToEndP50, 5}, "p99": {r.EndToEndP99, 50}, "single": {r.Single, 400},
		"end to end/TPC-B": {r.RatioEndToEnd, 2}, "ledger/TPC-B": {r.RatioLedger, 8}, "ledger/COPY": {r.RatioLedgerCopy, 0.5},
		"half load": {r.HalfLoad, 1000}, "half p50": {r.HalfLoadP50, 7}, "half p99": {r.HalfLoadP99, 12},
		"alone": {r.IdleP50, 4}, "alone, the switch": {r.IdleSwitch, 1.5},
		"slow disk": {r.RatioSlowDisk, 0.9}, "slow commit": {r.SlowCommitUS, 2600},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %v, want %v", name, c[0], c[1])
		}
	}
	var says []string
	for _, v := range r.Verdicts {
		says = append(says, v.Says)
	}
	if got, want := strings.Join(says, "; "), strings.Join([]string{saysMust, saysAim, saysMust, saysAim, saysMust, saysAim}, "; "); got != want {
		t.Errorf("verdicts %s, want %s", got, want)
	}
}

// TestKeys: the names that other programs read.
func TestKeys(t *testing.T) {
	text, err := json.Marshal(result{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"fsync_us", "tpcb_tps", "copy_payments_per_s", "ledger_payments_per_s", "end_to_end_per_s",
		"end_to_end_p50_ms", "end_to_end_p99_ms", "half_load_p99_ms", "idle_p50_ms", "ratio_end_to_end", "ratio_ledger",
		"ratio_ledger_copy", "slow_disk_ratio", "codec"} {
		if !bytes.Contains(text, []byte(`"`+key+`"`)) {
			t.Errorf("bench.json has no %s", key)
		}
	}
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{1234567.6: "1,234,568", 1000: "1,000", 999.4: "999", 12.34: "12.3", 1.005: "1.00", 0.47: "0.47"} {
		if got := figure(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}
