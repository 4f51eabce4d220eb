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

// get asks for a URL and reads the JSON of the answer, where into is not nil. Every status but 200 is an error.
func get(ctx context.Context, url string, into any) error {
	return ask(ctx, http.MethodGet, url, nil, askLimit, into)
}

func ask(ctx context.Context, method, url string, body []byte, limit time.Duration, into any) error {
	return read(ctx, method, url, body, limit, func(r io.Reader) error {
		if into == nil {
			_, err := io.Copy(io.Discard, r)
			return err
		}
		return json.NewDecoder(r).Decode(into)
	})
}

// read asks for a URL and gives the body of the answer to take.
func read(ctx context.Context, method, url string, body []byte, limit time.Duration, take func(io.Reader) error) error {
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
	if err := take(response.Body); err != nil {
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

// Ledger is the card network's ledger. Its card numbers are masked and are not read.
type Ledger struct {
	Totals simulator.Totals
	Debits []threeway.Debit
}

// ReadLedger asks a simulator, whose control port is at url, for its ledger: the totals of all, and the debits made since a time.
// They are read one by one, for there may be millions.
func ReadLedger(ctx context.Context, url string, since time.Time) (Ledger, error) {
	var l Ledger
	return l, read(ctx, http.MethodGet, url+"/ledger", nil, ledgerLimit, func(r io.Reader) error {
		decoder := json.NewDecoder(r)
		if _, err := decoder.Token(); err != nil {
			return err
		}
		for decoder.More() {
			name, err := decoder.Token()
			if err == nil {
				err = l.part(decoder, name, since)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// part reads one member of the ledger's object.
func (l *Ledger) part(decoder *json.Decoder, name json.Token, since time.Time) error {
	switch name {
	case "totals":
		return decoder.Decode(&l.Totals)
	case "debits":
	default:
		return decoder.Decode(new(any))
	}
	if _, err := decoder.Token(); err != nil {
		return err
	}
	l.Debits = make([]threeway.Debit, 0, l.Totals.Debited+l.Totals.Reversed)
	for decoder.More() {
		var d struct {
			threeway.Debit
			At time.Time `json:"debited_at"`
		}
		if err := decoder.Decode(&d); err != nil {
			return err
		}
		if !d.At.Before(since) {
			l.Debits = append(l.Debits, d.Debit)
		}
	}
	_, err := decoder.Token()
	return err
}
