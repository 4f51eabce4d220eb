package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"treasury-switch/internal/postgres"
	"treasury-switch/internal/stage"
	"treasury-switch/internal/threeway"
	"treasury-switch/loadtest/report"
	"treasury-switch/loadtest/traffic"
)

// Bounds of the checks after the load.
const (
	settleLimit = 5 * time.Minute
	judgeLimit  = 30 * time.Minute
	mostShown   = 50 // findings in a result
)

// judge waits until everything is settled, then checks the invariants and compares the three records.
func (s *system) judge(ctx context.Context, since time.Time, told *traffic.Told, say func(string, ...any)) (report.Invariants, error) {
	began := time.Now()
	r := report.Invariants{Told: told.Count(), Findings: []string{}}
	err := stage.Settle(ctx, s.pool, s.control, since, settleLimit, func(left stage.Unsettled) {
		say("settling      %d payments without an outcome, %d reversals queued, %d late answers to come", left.Pending, left.Queued, left.Waiting)
	})
	if err != nil {
		if ctx.Err() != nil {
			return r, err
		}
		r.Findings = append(r.Findings, err.Error())
	}
	r.SettledS = time.Since(began).Seconds()
	if err := s.invariants(ctx, &r); err != nil {
		return r, err
	}
	theirs, err := stage.ReadLedger(ctx, s.control, since)
	if err != nil {
		return r, err
	}
	ours, err := threeway.Payments(ctx, s.pool, since)
	if err != nil {
		return r, err
	}
	debits := theirs.Debits
	r.Payments, r.Debits = int64(len(ours)), int64(len(debits))
	for _, f := range threeway.Compare(ours, debits, told.All) {
		r.Findings = append(r.Findings, f.Rule+": "+f.ID+": "+f.Detail)
	}
	r.Broken = len(r.Findings)
	r.OK, r.Checked = r.Broken == 0, true
	if len(r.Findings) > mostShown {
		r.Findings = append(r.Findings[:mostShown], fmt.Sprintf("and %d more", len(r.Findings)-mostShown))
	}
	return r, nil
}

// invariants runs the switch's own check of its records.
func (s *system) invariants(ctx context.Context, r *report.Invariants) error {
	if err := postgres.Analyse(ctx, s.database.Address); err != nil {
		return err
	}
	var out strings.Builder
	holds, err := s.operate(ctx, &out, "check", "--json")
	if err != nil {
		return err
	}
	if holds {
		return nil
	}
	var checked struct {
		Violations []struct{ Invariant, Rule, ID, Detail string }
	}
	if err := json.Unmarshal([]byte(out.String()), &checked); err != nil {
		return fmt.Errorf("read what check has found: %w", err)
	}
	for _, v := range checked.Violations {
		r.Findings = append(r.Findings, v.Invariant+" "+v.Rule+": "+v.ID+": "+v.Detail)
	}
	return nil
}
