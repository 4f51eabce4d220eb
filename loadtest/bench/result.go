package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// result is the content of bench.json. What was not measured is 0.
type result struct {
	Began time.Time `json:"began"`
	Took  float64   `json:"took_s"`
	Quick bool      `json:"quick"` // a smoke run: its figures say nothing
	Host  host      `json:"host"`

	FsyncUS  float64 `json:"fsync_us"`
	CommitUS float64 `json:"commit_us"`

	TPCB      float64 `json:"tpcb_tps"`
	Copy      float64 `json:"copy_payments_per_s"`
	CopyRows  string  `json:"copy_rows"`
	Single    float64 `json:"single_commit_payments_per_s"`
	Ledger    float64 `json:"ledger_payments_per_s"` // 2,000 callers
	Ledger256 float64 `json:"ledger_256_payments_per_s"`

	FoundMaximum float64 `json:"found_maximum_per_s"`
	EndToEnd     float64 `json:"end_to_end_per_s"`
	EndToEndP50  float64 `json:"end_to_end_p50_ms"`
	EndToEndP99  float64 `json:"end_to_end_p99_ms"`
	// CPU is the processor time of a payment in microseconds, by process, in the last end-to-end run.
	CPU map[string]float64 `json:"end_to_end_cpu_us_per_payment"`

	HalfLoad    float64 `json:"half_load_per_s"`
	HalfLoadP50 float64 `json:"half_load_p50_ms"`
	HalfLoadP99 float64 `json:"half_load_p99_ms"`
	IdleP50     float64 `json:"idle_p50_ms"`
	IdleSwitch  float64 `json:"idle_switch_share_ms"`

	SlowCommitUS    float64 `json:"slow_commit_us"`
	SlowTPCB        float64 `json:"slow_tpcb_tps"`
	SlowCopy        float64 `json:"slow_copy_payments_per_s"`
	SlowSingle      float64 `json:"slow_single_commit_payments_per_s"`
	SlowEndToEnd    float64 `json:"slow_end_to_end_per_s"`
	SlowEndToEndP50 float64 `json:"slow_end_to_end_p50_ms"`
	SlowEndToEndP99 float64 `json:"slow_end_to_end_p99_ms"`

	RatioEndToEnd   float64 `json:"ratio_end_to_end"`
	RatioLedger     float64 `json:"ratio_ledger"`
	RatioLedgerCopy float64 `json:"ratio_ledger_copy"`
	RatioSlowDisk   float64 `json:"slow_disk_ratio"`

	Codec    []codecCost `json:"codec"`
	Verdicts []verdict   `json:"verdicts"`
	Runs     series      `json:"runs"` // every figure of which the above are medians
}

// series are the values of repeated measurements by name.
type series map[string][]float64

func (s series) add(name string, value float64) { s[name] = append(s[name], value) }

func (s series) median(name string) float64 { return median(s[name]) }

// Names of the measurements that are repeated.
const (
	runTPCB      = "tpcb_tps"
	runCopy      = "copy_payments_per_s"
	runSingle    = "single_commit_payments_per_s"
	runLedger    = "ledger_payments_per_s"
	runLedger256 = "ledger_256_payments_per_s"
	runEndToEnd  = "end_to_end_per_s"
	runP50       = "end_to_end_p50_ms"
	runP99       = "end_to_end_p99_ms"

	runHalf       = "half_load_per_s"
	runHalfP50    = "half_load_p50_ms"
	runHalfP99    = "half_load_p99_ms"
	runIdleP50    = "idle_p50_ms"
	runIdleSwitch = "idle_switch_share_ms"

	runSlowCommit   = "slow_commit_us"
	runSlowTPCB     = "slow_tpcb_tps"
	runSlowCopy     = "slow_copy_payments_per_s"
	runSlowSingle   = "slow_single_commit_payments_per_s"
	runSlowEndToEnd = "slow_end_to_end_per_s"
	runSlowP50      = "slow_end_to_end_p50_ms"
	runSlowP99      = "slow_end_to_end_p99_ms"
)

// summarise fills in the medians, the ratios of medians, and the verdicts.
func (r *result) summarise() {
	r.TPCB, r.Copy, r.Single = r.Runs.median(runTPCB), r.Runs.median(runCopy), r.Runs.median(runSingle)
	r.Ledger, r.Ledger256 = r.Runs.median(runLedger), r.Runs.median(runLedger256)
	r.EndToEnd, r.EndToEndP50, r.EndToEndP99 = r.Runs.median(runEndToEnd), r.Runs.median(runP50), r.Runs.median(runP99)
	r.HalfLoad, r.HalfLoadP50, r.HalfLoadP99 = r.Runs.median(runHalf), r.Runs.median(runHalfP50), r.Runs.median(runHalfP99)
	r.IdleP50, r.IdleSwitch = r.Runs.median(runIdleP50), r.Runs.median(runIdleSwitch)
	r.SlowCommitUS, r.SlowTPCB = r.Runs.median(runSlowCommit), r.Runs.median(runSlowTPCB)
	r.SlowCopy, r.SlowSingle = r.Runs.median(runSlowCopy), r.Runs.median(runSlowSingle)
	r.SlowEndToEnd, r.SlowEndToEndP50, r.SlowEndToEndP99 = r.Runs.median(runSlowEndToEnd), r.Runs.median(runSlowP50), r.Runs.median(runSlowP99)
	r.RatioEndToEnd, r.RatioLedger = ratio(r.EndToEnd, r.TPCB), ratio(r.Ledger, r.TPCB)
	r.RatioLedgerCopy, r.RatioSlowDisk = ratio(r.Ledger, r.Copy), ratio(r.SlowEndToEnd, r.EndToEnd)
	r.Verdicts = judge([]verdict{
		{Name: "end to end / TPC-B", Value: r.RatioEndToEnd, Must: 2, Aim: 3.5},
		{Name: "ledger alone, 2,000 callers / TPC-B", Value: r.RatioLedger, Must: 4, Aim: 8},
		{Name: "ledger alone / raw COPY", Value: r.RatioLedgerCopy, Must: 0.5, Aim: 0.7},
		{Name: "p99 at half of the maximum, ms", Value: r.HalfLoadP99, Must: 60, Aim: 25, Below: true},
		{Name: "end to end, 2 ms slower disk / without", Value: r.RatioSlowDisk, Must: 0.8, Aim: 0.95},
		{Name: "one payment alone, the switch's share, ms", Value: r.IdleSwitch, Must: 5, Aim: 2, Below: true},
	})
}

// verdict compares one figure with its limit and its goal.
type verdict struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // 0: not measured
	Must  float64 `json:"must"`
	Aim   float64 `json:"aim"`
	Below bool    `json:"below"` // smaller is better
	Says  string  `json:"says"`
}

// The verdicts.
const (
	saysAim     = "pass, aim reached"
	saysMust    = "pass"
	saysMissed  = "MISS"
	saysNothing = "not measured"
)

// judge fills in the verdicts.
func judge(all []verdict) []verdict {
	for i := range all {
		v := &all[i]
		switch {
		case v.Value <= 0:
			v.Says = saysNothing
		case v.reaches(v.Aim):
			v.Says = saysAim
		case v.reaches(v.Must):
			v.Says = saysMust
		default:
			v.Says = saysMissed
		}
	}
	return all
}

func (v verdict) reaches(bound float64) bool {
	if v.Below {
		return v.Value <= bound
	}
	return v.Value >= bound
}

// missed reports whether one of the verdicts is a miss.
func missed(all []verdict) bool {
	for _, v := range all {
		if v.Says == saysMissed {
			return true
		}
	}
	return false
}

// write puts a result into its file, and makes its folder.
func write(path string, result any) error {
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
