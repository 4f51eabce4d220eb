package main

import (
	"io"
	"os"
	"path/filepath"

	"treasury-switch/internal/fault"
)

// deliver writes a document to a file, or to standard output if none is named. A file appears under its name only when it is
// whole: a reader never finds half a document, and one that was there stays if the writing fails.
func (a *app) deliver(path string, write func(io.Writer) error) (err error) {
	if path == "" {
		return write(a.out)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".treasury-*")
	if err != nil {
		return fault.New(fault.Unavailable, "write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = temporary.Close()
			_ = os.Remove(temporary.Name())
		}
	}()
	if err := write(temporary); err != nil {
		return fault.New(fault.KindOf(err), "write %s: %w", path, err)
	}
	for _, step := range []func() error{
		func() error { return temporary.Chmod(0o644) }, // a temporary file is its owner's alone
		temporary.Sync, temporary.Close,
		func() error { return os.Rename(temporary.Name(), path) },
	} {
		if err := step(); err != nil {
			return fault.New(fault.Unavailable, "write %s: %w", path, err)
		}
	}
	return nil
}
