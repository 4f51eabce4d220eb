package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"treasury-switch/loadtest/report"
)

// tell says once in a while how far a run is.
func (s *session) tell(now report.Second) {
	if int(now.At)%5 == 0 {
		s.say("%6.0f s      %6d offered  %6d answered  %5d shed  %4d errors  p50 %6.1f ms  p99 %7.1f ms  %d in flight", now.At,
			now.Offered, now.Answered, now.Shed, now.Errors, now.P50, now.P99, now.InFlight)
	}
}

// write prints the result, and writes it where flags say.
func (s *session) write(stdout io.Writer, took time.Duration) error {
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
