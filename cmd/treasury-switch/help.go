package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// rootExamples are what a newcomer tries first.
const rootExamples = `Examples:
  treasury-switch serve --dev
  treasury-switch send --help
  treasury-switch payment show 0523610000000012
  treasury-switch check --json`

// exitCodesInShort ends the help of every command; docs/operations.md has them whole.
const exitCodesInShort = `Exit codes: 0 done, 1 an invariant does not hold or the books do not balance, 2 declined, 3 no answer, 64 misused,
65 invalid, 66 not found, 69 unavailable, 70 bug, 73 conflict, 75 unknown, 77 denied.`

// printHelp prints a command's help, that of a group with an example of each of its commands, and the exit codes.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	examples := rootExamples
	if selected := ctx.Selected(); selected != nil {
		examples = examplesOf(selected)
	}
	if examples != "" {
		fmt.Fprintf(ctx.Stdout, "\n%s\n", examples)
	}
	_, err := fmt.Fprintf(ctx.Stdout, "\n%s\n", exitCodesInShort)
	return err
}

// nameExamples puts the name of each command into its examples where commands of one shape share a help.
func nameExamples(leaves []*kong.Node) {
	for _, leaf := range leaves {
		leaf.Detail = strings.ReplaceAll(leaf.Detail, "{command}", leaf.Name)
	}
}

// examplesOf are the first examples of a group's commands; a command has its own in its help.
func examplesOf(group *kong.Node) string {
	if group.Leaf() {
		return ""
	}
	lines := []string{"Examples:"}
	for _, leaf := range group.Leaves(true) {
		if _, example, found := strings.Cut(leaf.Detail, "Example:\n"); found {
			first, _, _ := strings.Cut(example, "\n")
			lines = append(lines, first)
		}
	}
	return strings.Join(lines, "\n")
}
