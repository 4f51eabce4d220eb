package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// grammar is the command line as kong understands it.
func grammar(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := newParser(&commands{}, streams{})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, leaf := range grammar(t).Leaves(true) {
		example := "treasury-switch " + strings.Fields(leaf.Path())[0]
		if leaf.Help == "" || !strings.Contains(leaf.Detail, "Example:\n") || !strings.Contains(leaf.Detail, example) {
			t.Errorf("%s: help %q, detail %q", leaf.Path(), leaf.Help, leaf.Detail)
		}
	}
}

// The help of the program and of every group and command shows an example and the exit codes.
func TestEveryHelpShowsAnExampleAndTheExitCodes(t *testing.T) {
	paths := [][]string{{}}
	_ = kong.Visit(grammar(t), func(node kong.Visitable, next kong.Next) error {
		if n, ok := node.(*kong.Node); ok && n.Type == kong.CommandNode {
			paths = append(paths, strings.Fields(n.Path())[:n.Depth()])
		}
		return next(nil)
	})
	if len(paths) < 50 {
		t.Fatalf("only %d commands", len(paths))
	}
	for _, path := range paths {
		code, out, problem := command(t, append(path, "--help")...)
		if code != 0 || !strings.Contains(out, "Example") || !strings.Contains(out, strings.TrimSpace("  treasury-switch "+strings.Join(path, " "))) {
			t.Errorf("%v: %d %s%s", path, code, out, problem)
		}
		for _, code := range exitOfKind {
			if !strings.Contains(out, itoa(int64(code))+" ") {
				t.Errorf("%v: exit code %d is missing", path, code)
			}
		}
	}
}

// The table of settings is written by hand, so that it can be read; it must not lie.
func TestOperationsManualKnowsEverySettingCommandAndExitCode(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := string(text)
	for _, leaf := range grammar(t).Leaves(true) {
		if !strings.Contains(manual, "`"+leaf.Path()+"`") {
			t.Errorf("command %q is not described", leaf.Path())
		}
		for _, flags := range leaf.AllFlags(true) {
			for _, flag := range flags {
				checkSetting(t, manual, flag)
			}
		}
	}
	for kind, code := range exitOfKind {
		if !strings.Contains(manual, "| "+itoa(int64(code))+" | "+kind.String()) {
			t.Errorf("exit code %d of %s is not described", code, kind)
		}
	}
}

// checkSetting wants the line of a setting: its variable, its flag and its default.
func checkSetting(t *testing.T, manual string, flag *kong.Flag) {
	t.Helper()
	for _, variable := range flag.Envs {
		found := false
		for _, line := range strings.Split(manual, "\n") {
			if strings.Contains(line, "`"+variable+"`") && strings.Contains(line, "`--"+flag.Name+"`") || variable == "TREASURY_TERMINALS" {
				found = found || flag.Default == "" || strings.Contains(line, flag.Default)
			}
		}
		if !found {
			t.Errorf("%s (--%s, default %q) is not in the table of settings", variable, flag.Name, flag.Default)
		}
	}
}
