package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

// command runs the program as a shell would and gives what it printed.
func command(t *testing.T, args ...string) (code int, out, problem string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, streams{in: strings.NewReader(""), out: &o, err: &e})
	return code, o.String(), e.String()
}

func TestEveryKindOfFaultHasAnExitCodeOfItsOwn(t *testing.T) {
	used := map[int]string{exitDone: "done", exitViolated: "violated", exitDeclined: "declined", exitNoAnswer: "no answer", exitMisused: "misused"}
	for _, kind := range fault.Kinds() {
		code := exitCode(fault.New(kind, "something"))
		if other, taken := used[code]; taken {
			t.Errorf("%s ends with %d, like %s", kind, code, other)
		}
		used[code] = kind.String()
	}
	if len(exitOfKind) != len(fault.Kinds()) {
		t.Errorf("%d codes for %d kinds", len(exitOfKind), len(fault.Kinds()))
	}
}

func TestHowTheProgramEnds(t *testing.T) {
	for _, c := range []struct {
		err   error
		code  int
		print string
	}{
		{nil, 0, ""},
		{outcome(exitDeclined), 2, ""},
		{fault.New(fault.NotFound, "there is none"), 66, "treasury-switch: there is none\n"},
		{context.DeadlineExceeded, 75, "treasury-switch: context deadline exceeded\n"},
		{errors.New("unforeseen"), 70, "treasury-switch: unforeseen\n"},
	} {
		var w bytes.Buffer
		if code := fail(&w, c.err); code != c.code || w.String() != c.print {
			t.Errorf("%v: %d %q", c.err, code, w.String())
		}
	}
}

func TestTheCommandLine(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--help", 0, "Commands:"},
		{"--version", 0, version},
		{"ledger statement --help", 0, "Example:"},
		{"", 64, "expected one of"},
		{"bogus", 64, "unexpected argument"},
		{"check --grace soon", 64, "--grace"},
		{"serve --lanes two", 64, "--lanes"},
		{"payment show", 64, "tracking"},
		{"ledger trial-balance --from yesterday", 65, "1405/08/30"},
		{"ledger statement clearing --limit 0", 65, "--limit"},
		{"agencies add 109 --name x --name-en x", 77, "--as maker"},
		{"check --var testdata/none --database-url=", 66, "set DATABASE_URL"},
		{"check --database-url mysql://x", 65, "DATABASE_URL"},
		{"serve --max-amount 1e9", 65, "TREASURY_MAX_AMOUNT"},
		{"serve --terminal-mac aes-cmac", 65, "MAC_KEY_FILE"},
		{"serve --terminal-mac aes-cmac --terminal-mac-key-file none", 66, "none"},
		{"links --admin 127.0.0.1:1", 69, "is `treasury-switch serve` running?"},
	} {
		code, out, problem := command(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+problem, c.says) {
			t.Errorf("%q: %d, want %d and %q in:\n%s%s", c.args, code, c.code, c.says, out, problem)
		}
	}
}
