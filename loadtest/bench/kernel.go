package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// PostgreSQL extends its files with pages of zeros, which the kernel keeps to itself for half a minute and then writes all at once, some
// hundreds of megabytes: for that long every flush of the write-ahead log waits. A limit on what may be kept makes it write steadily. It is
// the first thing that an operator of a database sets (docs/performance.md), and costs no durability: what counts is flushed at COMMIT.
const (
	keptLimit = "vm.dirty_background_bytes"
	keptRatio = "vm.dirty_background_ratio" // of memory; setting one of the two makes the other 0
	keptBytes = "16777216"
)

// kernel is the folder of the kernel's settings.
type kernel string

const runningKernel kernel = "/proc/sys"

func (k kernel) file(name string) string {
	return filepath.Join(string(k), strings.ReplaceAll(name, ".", "/"))
}

func (k kernel) get(name string) string { return firstLine(k.file(name)) }

func (k kernel) set(name, value string) error {
	if err := os.WriteFile(k.file(name), []byte(value), 0o644); err != nil {
		return fmt.Errorf("set %s: %w", name, err)
	}
	return nil
}

// smooth makes the kernel write steadily, and returns the function that restores its settings. Without the right to, it
// prints what to do.
func (k kernel) smooth(say func(string, ...any)) (restore func() error) {
	nothing := func() error { return nil }
	limit, ratio := k.get(keptLimit), k.get(keptRatio)
	if limit != "0" && limit != unknown {
		return nothing // An operator has set it.
	}
	if err := k.set(keptLimit, keptBytes); err != nil {
		say("the kernel writes in bursts, which shows in p99; as root: sysctl -w %s=%s", keptLimit, keptBytes)
		return nothing
	}
	say("%s is %s for the time of the run, %s %s afterwards", keptLimit, keptBytes, keptRatio, ratio)
	return func() error { return k.set(keptRatio, ratio) }
}
