package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// People called at night type a runbook's commands as printed, so each must exist.
func TestCommandsInRunbooksAreCommands(t *testing.T) {
	pages, err := filepath.Glob("../../docs/runbooks/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("%d runbooks: %v", len(pages), err)
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?)\n```")
	seen := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range block.FindAllStringSubmatch(string(text), -1) {
			for line := range strings.Lines(one[1]) {
				words := strings.Fields(line)
				if words[0] != "treasury-switch" {
					continue
				}
				seen++
				parser, err := newParser(&commands{}, streams{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := parser.Parse(words[1:]); err != nil {
					t.Errorf("%s: %s: %v", filepath.Base(page), strings.TrimSpace(line), err)
				}
			}
		}
	}
	if seen < len(pages) {
		t.Errorf("only %d commands in %d runbooks", seen, len(pages))
	}
}
