package main

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
)

// output is a buffer that ends a context when a text has been written to it.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	await string
	found func()
}

// Write keeps what is written and looks for the awaited text.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.text.Write(p)
	if o.found != nil && strings.Contains(o.text.String(), o.await) {
		o.found()
	}
	return n, err
}

func TestRunsUntilItIsEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := &output{await: `"msg":"shetab simulator listens"`, found: cancel}
	var out bytes.Buffer
	code := run(ctx, []string{"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--day", "2026-11-21"}, &out, log)
	if code != 0 || !strings.Contains(log.text.String(), `"msg":"shetab simulator ended"`) {
		t.Fatalf("exit code %d: %s", code, &log.text)
	}
	if !strings.Contains(log.text.String(), `"day":"2026-11-21"`) || out.Len() != 0 {
		t.Errorf("log %s, output %s", &log.text, &out)
	}
}

func TestFlags(t *testing.T) {
	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"help", []string{"--help"}, 0, "curl http://127.0.0.1:8601/ledger"},
		{"unknown flag", []string{"--lost"}, 2, "--lost"},
		{"bad day", []string{"--day", "tomorrow"}, 2, "--day"},
		{"bad duration", []string{"--late", "soon"}, 2, "--late"},
		{"too late", []string{"--late", "1h"}, 1, "at most 10m"},
		{"bad address", []string{"--listen", "127.0.0.1:99999"}, 1, "cannot start"},
	}
	for _, test := range tests {
		var out, log bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // Nothing here is meant to run on.
		code := run(ctx, test.args, &out, &log)
		if code != test.code || !strings.Contains(out.String()+log.String(), test.says) {
			t.Errorf("%s: exit code %d, output %s %s", test.name, code, &out, &log)
		}
	}
}
