package stage

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

// Bounds of a question over HTTP. A ledger of millions of debits takes its time.
const (
	askLimit    = 10 * time.Second
	ledgerLimit = 5 * time.Minute
)

// Get asks for a URL and reads the JSON of the answer, where into is not nil. Every status but 200 is an error.
func Get(ctx context.Context, url string, into any) error {
	return ask(ctx, http.MethodGet, url, nil, askLimit, into)
}

func ask(ctx context.Context, method, url string, body []byte, limit time.Duration, into any) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
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
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	if into == nil {
		_, err = io.Copy(io.Discard, response.Body)
	} else {
		err = json.NewDecoder(response.Body).Decode(into)
	}
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", url, err)
	}
	return nil
}

// SetFaults tells a simulator, whose control port is at url, how to misbehave from now on.
func SetFaults(ctx context.Context, url string, faults simulator.Faults) error {
	body, err := json.Marshal(faults)
	if err != nil {
		return fmt.Errorf("tell the simulator its faults: %w", err)
	}
	return ask(ctx, http.MethodPost, url+"/faults", body, askLimit, nil)
}

// Ledger is what the card network's ledger says. Card numbers in it are masked and are not read.
type Ledger struct {
	Totals simulator.Totals `json:"totals"`
	Debits []threeway.Debit `json:"debits"`
}

// ReadLedger asks a simulator, whose control port is at url, for its whole ledger.
func ReadLedger(ctx context.Context, url string) (Ledger, error) {
	var l Ledger
	return l, ask(ctx, http.MethodGet, url+"/ledger", nil, ledgerLimit, &l)
}
