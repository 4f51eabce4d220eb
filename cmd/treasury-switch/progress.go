package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows a person how far something long is. Where standard error is no terminal it shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// progress begins a bar of so many steps.
func (a *app) progress(what string, steps int) progress {
	w := a.err
	if !terminal(w) {
		w = io.Discard
	}
	return progress{progressbar.NewOptions(steps, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(false))}
}

// step advances the bar. An error of drawing changes nothing about the work.
func (p progress) step() { _ = p.bar.Add(1) }

// done removes the bar.
func (p progress) done() { _ = p.bar.Finish() }
