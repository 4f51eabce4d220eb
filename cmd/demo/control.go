package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"treasury-switch/internal/threeway"
	"treasury-switch/simulator"
)

// Bounds of a question over HTTP.
const (
	askLimit   = 10 * time.Second
	replyLimit = 64 << 20
)

// get asks for a URL and reads the JSON of the answer, where into is not nil. Every status but 200 is an error.
func get(ctx context.Context, url string, into any) error {
	return ask(ctx, http.MethodGet, url, nil, into)
}

func ask(ctx context.Context, method, url string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask %s: %w", url, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, replyLimit))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	return nil
}

// setFaults tells the simulator how to misbehave from now on.
func (s *stage) setFaults(ctx context.Context, faults simulator.Faults) error {
	body, err := json.Marshal(faults)
	if err != nil {
		return fmt.Errorf("tell the simulator its faults: %w", err)
	}
	return ask(ctx, http.MethodPost, "http://"+s.Faults+"/faults", body, nil)
}

// networkLedger is what the card network's ledger says. Card numbers in it are masked and are not read.
type networkLedger struct {
	Totals simulator.Totals `json:"totals"`
	Debits []threeway.Debit `json:"debits"`
}
