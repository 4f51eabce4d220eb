package main

import (
	"log/slog"
	"time"

	"github.com/schollz/progressbar/v3"
)

// logEvery is how often a long task logs its progress.
const logEvery = 5 * time.Second

// long shows the progress of a task that may take minutes: a bar on a terminal, otherwise a log line every few seconds.
type long struct {
	what string
	bar  *progressbar.ProgressBar
	log  *slog.Logger
	now  func() time.Time
	said time.Time
}

// long starts a progress display.
func (a *app) long(what string) *long {
	l := &long{what: what, now: a.now, said: a.now()}
	if !terminal(a.err) {
		l.log = a.logger(slog.LevelInfo)
		return l
	}
	l.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
		progressbar.OptionShowCount(), progressbar.OptionUseANSICodes(false))
	return l
}

// at reports the number of steps done. An error of drawing does not affect the task.
func (l *long) at(done, all int64) {
	if l.bar != nil {
		l.bar.ChangeMax64(all)
		_ = l.bar.Set64(done)
		return
	}
	if now := l.now(); now.Sub(l.said) >= logEvery {
		l.said = now
		l.log.Info(l.what, "done", done, "of", all)
	}
}

// done removes the bar.
func (l *long) done() {
	if l.bar != nil {
		_ = l.bar.Finish()
	}
}
