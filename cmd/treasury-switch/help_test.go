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

// pages are the arguments before --help: none, and those of every group and command.
func pages(t *testing.T) [][]string {
	t.Helper()
	paths := [][]string{{}}
	_ = kong.Visit(grammar(t), func(node kong.Visitable, next kong.Next) error {
		if n, ok := node.(*kong.Node); ok && n.Type == kong.CommandNode {
			paths = append(paths, commandOf(n))
		}
		return next(nil)
	})
	if len(paths) < 50 {
		t.Fatalf("only %d commands", len(paths))
	}
	return paths
}

// commandOf are the words of a command, without its arguments.
func commandOf(n *kong.Node) []string {
	words := []string{n.Name}
	for n = n.Parent; n != nil && n.Type == kong.CommandNode; n = n.Parent {
		words = append([]string{n.Name}, words...)
	}
	return words
}

func TestEveryCommandHasAnExample(t *testing.T) {
	for _, leaf := range grammar(t).Leaves(true) {
		example := "treasury-switch " + strings.Fields(leaf.Path())[0]
		if leaf.Help == "" || !strings.Contains(leaf.Detail, "Example:\n") || !strings.Contains(leaf.Detail, example) {
			t.Errorf("%s: help %q, detail %q", leaf.Path(), leaf.Help, leaf.Detail)
		}
	}
}

// A newcomer types what the help shows: the first example of a command is of that command, and no help shows one twice.
func TestExamplesAreOfTheirCommands(t *testing.T) {
	for _, leaf := range grammar(t).Leaves(true) {
		_, example, _ := strings.Cut(leaf.Detail, "Example:\n")
		first, _, _ := strings.Cut(example, "\n")
		if !strings.Contains(first+" ", "treasury-switch "+strings.Join(commandOf(leaf), " ")+" ") {
			t.Errorf("%s: the example is %q", leaf.Path(), first)
		}
	}
	for _, page := range pages(t) {
		_, out, _ := command(t, append(page, "--help")...)
		seen := map[string]bool{}
		for line := range strings.Lines(out) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "treasury-switch ") && !strings.HasPrefix(line, "DATABASE_URL=") {
				continue
			}
			if seen[line] {
				t.Errorf("%v: twice in its help: %s", page, line)
			}
			seen[line] = true
		}
		if len(seen) == 0 {
			t.Errorf("%v: no example in its help:\n%s", page, out)
		}
	}
}

// The help of the program and of every group and command shows an example and the exit codes.
func TestEveryHelpShowsAnExampleAndTheExitCodes(t *testing.T) {
	for _, path := range pages(t) {
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
