package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/fault"
)

func TestADocumentIsDeliveredWholeOrNotAtAll(t *testing.T) {
	var out bytes.Buffer
	a := &app{streams: streams{out: &out}}
	path := filepath.Join(t.TempDir(), "list.csv")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error { _, _ = io.WriteString(w, text); return err }
	}
	if err := a.deliver("", write("to the screen", nil)); err != nil || out.String() != "to the screen" {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := a.deliver(path, write("first", nil)); err != nil {
		t.Fatal(err)
	}
	if err := a.deliver(path, write("half of the sec", fault.New(fault.Invalid, "no more"))); !fault.Is(err, fault.Invalid) {
		t.Errorf("a failed writing: %v", err)
	}
	kept, err := os.ReadFile(path)
	if err != nil || string(kept) != "first" {
		t.Errorf("%q, %v", kept, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// Where nobody looks, something long writes a line every few seconds and not for every step.
func TestSomethingLongTellsTheLog(t *testing.T) {
	var log bytes.Buffer
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	a := &app{streams: streams{err: &log}, globals: &globals{LogLevel: "auto"}, now: func() time.Time { return now }}
	l := a.long("payments priced again")
	for done := range int64(12) {
		l.at(done, 12)
		now = now.Add(time.Second)
	}
	l.done()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `msg="payments priced again" done=5 of=12`) || !strings.Contains(lines[1], "done=10") {
		t.Errorf("%s", log.String())
	}
}
