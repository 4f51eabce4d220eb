package tidy

import (
	"strings"
	"testing"
)

// long is a body of so many lines.
func long(lines int) string { return strings.Repeat("\t_ = 0\n", lines) }

// TestRulesBite shows each rule something that offends it and something near it that does not.
func TestRulesBite(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range bites() {
		seen[c.rule] = true
		r, ok := find(c.rule)
		if !ok {
			t.Fatalf("no rule %q", c.rule)
		}
		if findings := r.find(parse(t, c.path, []byte(c.text))); (len(findings) > 0) != c.offends {
			t.Errorf("%s: %s says %q, offends: %v", c.rule, c.path, findings, c.offends)
		}
	}
	for _, r := range rules() {
		if !seen[r.name] {
			t.Errorf("nobody tried the rule %q", r.name)
		}
	}
}

func find(name string) (rule, bool) {
	for _, r := range rules() {
		if r.name == name {
			return r, true
		}
	}
	return rule{}, false
}

type bite struct {
	rule, path, text string
	offends          bool
}

func imports(path string) string { return "package x\nimport _ \"" + path + "\"" }

func bites() []bite {
	return append(append(importBites(), libraryBites()...), textBites()...)
}

func importBites() []bite {
	const down = "imports point down"
	return []bite{
		{down, "money/a.go", imports(module + "ledger"), true},
		{down, "ledger/a.go", imports(module + "money"), false},
		{down, "registry/a.go", imports(module + "ledger"), false},
		{down, "switch/a.go", imports(module + "iso"), true},
		{down, "switch/a.go", imports(module + "internal/testdb"), true},
		{down, "switch/a_test.go", imports(module + "internal/testdb"), false},
		{down, "iso/server/a.go", imports(module + "iso/isotest"), true},
		{down, "iso/server/a_test.go", imports(module + "iso/isotest"), false},
		{down, "internal/postgres/a_test.go", imports(module + "internal/testdb"), false},
		{down, "api/a.go", imports(module + "iso"), true},
		{down, "iso/server/a.go", imports(module + "iso"), false},
		{down, "iso/network/a.go", imports(module + "switch"), true},
		{down, "iso/terminal/a.go", imports(module + "switch"), false},
		{down, "simulator/a.go", imports(module + "iso/server"), false},
		{down, "simulator/a.go", imports(module + "ledger"), true},
		{down, "cmd/treasury-switch/a.go", imports(module + "simulator"), true},
		{down, "cmd/demo/a.go", imports(module + "simulator"), false},
		{down, "internal/node/a.go", imports(module + "simulator"), true},
		{down, "internal/node/a.go", imports(module + "iso/terminal"), false},
		{down, "internal/endtoend/a_test.go", imports(module + "cmd/treasury-switch/pulse"), true},
		{down, "internal/stage/a.go", imports(module + "cmd/demo"), true},
		{down, "loadtest/a.go", imports(module + "cmd/demo"), true},
		{down, "internal/pos/a.go", imports(module + "switch"), true},
		{down, "internal/pos/a.go", imports(module + "iso"), false},
		{down, "new/a.go", imports("fmt"), true},
		{down, "dossier/a.go", imports(module + "switch"), true},
		{down, "reports/a.go", imports(module + "switch"), true},
		{down, "dossier/a.go", imports(module + "switch/cases"), false},
		{down, "reconciliation/a.go", imports(module + "switch/recorder"), false},
		{down, "switch/payment/a.go", imports(module + "switch/recorder"), true},
		{down, "switch/recorder/a.go", imports(module + "switch/cases"), true},
		{down, "switch/cases/a.go", imports(module + "switch"), true},
		{down, "switch/payment/a.go", imports(module + "switch"), true},
		{down, "reports/a.go", imports(module + "switch/payment"), false},
		{down, "switch/recorder/a.go", imports(module + "dossier"), true},
	}
}

func libraryBites() []bite {
	const home, sql, env = "libraries stay in their packages", "the database is touched where the SQL is", "the environment is read in cmd"
	const day = "days are closed with their guard"
	return []bite{
		{home, "iso/terminal/a.go", imports("github.com/moov-io/iso8583/field"), true},
		{home, "iso/a.go", imports("github.com/moov-io/iso8583/field"), false},
		{home, "switch/a.go", imports("net/http"), true},
		{home, "api/a.go", imports("net/http"), false},
		{home, "iso/a.go", imports("github.com/jackc/pgx/v5"), true},
		{home, "switch/a.go", imports("math/rand"), true},
		{home, "switch/a.go", imports("math/rand/v2"), false},
		{home, "loadtest/bench/a.go", imports("github.com/prometheus/common/expfmt"), true},
		{home, "loadtest/bench/a_test.go", imports("github.com/prometheus/common/expfmt"), false},
		{sql, "ledger/a.go", imports("github.com/jackc/pgx/v5"), true},
		{sql, "ledger/a.go", imports("github.com/jackc/pgx/v5") + "\nconst q = `\n\tSELECT 1`", false},
		{sql, "switch/a.go", imports("github.com/jackc/pgx/v5/pgconn"), false},
		{env, "switch/a.go", "package switching\nimport \"os\"\nvar x = os.Getenv(`X`)", true},
		{day, "cmd/demo/a.go", "package main\nvar err = ledger.CloseDay(ctx, db, book, day, now)", true},
		{day, "switch/a_test.go", "package switching\nvar err = ledger.CloseDay(ctx, db, book, day, now)", false},
		{env, "cmd/demo/a.go", "package main\nimport \"os\"\nvar x = os.Getenv(`X`)", false},
	}
}

func textBites() []bite {
	const file, function, exported = "files have at most 400 lines", "functions have at most 60 lines", "exported names are explained"
	const float, honest, word, name = "no floating point where money is", "tests neither skip nor sleep", "no words of another place", "packages say what they are"
	return []bite{
		{name, "money/a.go", "package helpers", true},
		{name, "money/a.go", "package rial", true},
		{name, "switch/a_test.go", "package switching_test", false},
		{file, "money/a.sql", strings.Repeat("\n", fileLimit+1), true},
		{file, "money/a.go", "package money" + strings.Repeat("\n", fileLimit), false},
		{function, "money/a.go", "package money\nfunc f() {\n" + long(functionLimit-1) + "}", true},
		{function, "money/a.go", "package money\nfunc f() {\n" + long(functionLimit-2) + "}", false},
		{float, "money/a.go", "package money\nvar x float64", true},
		{float, "tariffs/a.go", "package tariffs\nvar x = 0.5", true},
		{float, "tariffs/a.go", "package tariffs\nvar x = d.InexactFloat64()", true},
		{float, "simulator/a.go", "package simulator\nvar x float64", false},
		{exported, "money/a.go", "package money\nfunc F() {}", true},
		{exported, "money/a.go", "package money\ntype T int", true},
		{exported, "money/a.go", "package money\nconst C = 1", true},
		{exported, "money/a.go", "package money\n// C are two.\nconst (\n\tC = 1\n\tD = 2\n)", false},
		{exported, "money/a.go", "package money\nfunc (t hidden) F() {}", false},
		{honest, "money/a_test.go", "package money\nfunc f() { t.Sk" + "ip() }", true},
		{honest, "money/a_test.go", "package money\nfunc f() { time.Sleep(1) }", true},
		{honest, "money/a_test.go", imports("testing/synctest") + "\nfunc f() { time.Sleep(1) }", false},
		{honest, "money/a.go", "package money\nfunc f() { time.Sleep(1) }", false},
		{word, "README.md", "see /wo" + "rk/main", true},
		{word, "README.md", "see /wo" + "rkers/main", false},
		{word, "a.go", "package a\n// TO" + "DO: later", true},
		{word, "docs/a.md", "as iss" + "ue 7 says", true},
		{word, "docs/a.md", "the issuer answers 51", false},
	}
}
