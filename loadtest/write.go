package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"treasury-switch/loadtest/report"
)

// tell prints the progress of a run from time to time.
func (s *session) tell(now report.Second) {
	if int(now.At)%5 == 0 {
		s.say("%6.0f s      %6d offered  %6d answered  %5d shed  %4d errors  p50 %6.1f ms  p99 %7.1f ms  %d in flight", now.At,
			now.Offered, now.Answered, now.Shed, now.Errors, now.P50, now.P99, now.InFlight)
	}
}

// write prints the result, and writes the files named by flags.
func (s *session) write(stdout io.Writer) error {
	s.result.Verdict = s.verdict()
	s.result.Table(s.out)
	if s.HTML != "" {
		var page bytes.Buffer
		if err := s.result.HTML(&page); err != nil {
			return err
		}
		if err := save(s.HTML, page.Bytes()); err != nil {
			return err
		}
		s.say("The page is %s.", s.HTML)
	}
	if s.JSON == "" {
		return nil
	}
	text, err := json.MarshalIndent(s.result, "", "  ")
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	text = append(text, '\n')
	if s.JSON == "-" {
		_, err = stdout.Write(text)
		return err
	}
	return save(s.JSON, text)
}

// verdict is the result in one sentence.
func (s *session) verdict() string {
	r := &s.result
	records := "the invariants hold and all records agree"
	if s.NoCheck {
		records = "the records were not compared"
	}
	switch {
	case r.Exit == exitBroken:
		return fmt.Sprintf("BROKEN: %d findings in the records.", r.Invariants.Broken)
	case r.FindMax != nil && r.FindMax.Rate > 0:
		return fmt.Sprintf("%.0f payments a second with p99 below %g ms; %s.", r.FindMax.Rate, r.FindMax.P99LimitMS, records)
	case r.Exit == exitNotSustained && r.Payments == 0:
		return fmt.Sprintf("NOTHING COUNTED: the load ended before its steady window; raise --count or shorten --ramp-up; %s.", records)
	case r.Exit == exitNotSustained:
		return fmt.Sprintf("NOT SUSTAINED: %.0f of %.0f payments a second answered, %d errors, %d shed; %s.", r.RateAchieved, r.RateOffered,
			r.Failed(), r.Shed, records)
	case r.Soak != nil:
		return fmt.Sprintf("The switch was killed %d times under load; %s.", r.Soak.Kills, records)
	case len(r.Phases) == phases:
		return fmt.Sprintf("Overload: %.0f of %.0f payments a second accepted, recovered after %.1f s; %s.", r.Phases[1].RateAccepted,
			r.Phases[1].RateOffered, r.Phases[2].RecoveredAfterS, records)
	}
	return fmt.Sprintf("%.0f payments a second sustained, p99 %.1f ms; %s.", r.RateAchieved, r.Latency["purchase"].P99, records)
}

// save writes a file, and makes its folder.
func save(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make the folder of %s: %w", file, err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
