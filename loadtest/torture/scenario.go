package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// tries is how often a scenario is repeated whose situation did not come about.
const tries = 3

// playLimit bounds one scenario other than the mix.
const playLimit = 4 * time.Minute

// scenario is one failure that has happened, or may.
type scenario struct {
	name string
	what string // one sentence
	play func(ctx context.Context, f *field) error
	// clock is true if it needs the switch whose clock can be set.
	clock bool
	// cases is true if payments may rightly end in a case.
	cases bool
}

// scenarios are all, in the order in which they are played.
func scenarios() []scenario {
	return slices.Concat(durable(), repeats(), clocks(), stuck(), answers())
}

// find finds a scenario by its name.
func find(name string) *scenario {
	for _, s := range scenarios() {
		if s.name == name {
			return &s
		}
	}
	return nil
}

// list lists the scenarios.
func list(w io.Writer) {
	for _, s := range scenarios() {
		fmt.Fprintf(w, "%-28s %s\n", s.name, s.what)
	}
	fmt.Fprintf(w, "%-28s %s\n", mixName, "All faults at random, drawn from the seed, under many terminals.")
}

// playAll plays the chosen scenarios and returns the number that failed.
func (t *torture) playAll(ctx context.Context) (failed int, err error) {
	chosen := scenarios()
	switch {
	case t.Scenario == mixName:
		chosen = nil
	case t.Scenario != "":
		chosen = []scenario{*find(t.Scenario)}
	}
	if t.Scenario == "" || t.Scenario == mixName || slices.ContainsFunc(chosen, func(s scenario) bool { return s.clock }) {
		if _, err := t.wrong(); err != nil {
			return 0, err // It is built before anything has to be in time.
		}
	}
	queue := make(chan scenario, len(chosen))
	for _, s := range chosen {
		queue <- s
	}
	close(queue)
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range min(t.Parallel, len(chosen)) {
		workers.Go(func() {
			for s := range queue {
				broken, failure := t.one(ctx, s)
				mu.Lock()
				failed, err = failed+broken, errors.Join(err, failure)
				mu.Unlock()
			}
		})
	}
	done := make(chan struct{})
	go func() { workers.Wait(); close(done) }()
	t.progress(done)
	if err != nil || ctx.Err() != nil || t.Scenario != "" && t.Scenario != mixName {
		return failed, err
	}
	broken, err := t.mixes(ctx)
	return failed + broken, err
}

// one plays a scenario, again where its situation did not come about, and returns 0 if it passed, 1 if not.
func (t *torture) one(ctx context.Context, s scenario) (broken int, err error) {
	t.playing.add(s.name)
	defer t.playing.remove(s.name)
	for try := 1; ; try++ {
		found, story, err := t.once(ctx, s)
		missed := errors.Is(err, errMissed)
		switch {
		case ctx.Err() != nil:
			return 0, nil
		case missed && try < tries:
			t.say("again   %s: %v", s.name, err)
			continue
		case missed:
			found = append(found, err.Error())
		case err != nil:
			return 0, fmt.Errorf("%s: %w", s.name, err)
		}
		if len(found) == 0 {
			t.say("holds   %s", s.name)
			return 0, nil
		}
		t.say("FAILS   %s: %s\n    found:\n    - %s\n    what was done:\n%s    again by: SCENARIO=%s SEED=%d make torture", s.name, s.what,
			strings.Join(shorten(found), "\n    - "), story, s.name, t.Seed)
		return 1, nil
	}
}

// mostFound is how many findings of a scenario are shown.
const mostFound = 10

func shorten(found []string) []string {
	if len(found) > mostFound {
		return append(found[:mostFound:mostFound], fmt.Sprintf("and %d more", len(found)-mostFound))
	}
	return found
}

// once plays a scenario on a field of its own and returns its findings.
func (t *torture) once(ctx context.Context, s scenario) (found []string, story string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, playLimit, fmt.Errorf("it took longer than %s", playLimit))
	defer cancel()
	f, err := t.prepare(ctx, s.name, t.Seed)
	if err == nil {
		err = s.play(ctx, f)
		var wrong *broken
		if errors.As(err, &wrong) {
			found, err = append(found, wrong.what), nil
		}
		if err == nil {
			var more []string
			more, err = f.verdict(ctx, s.cases)
			found = append(found, more...)
		}
	}
	story = f.story()
	return found, story, errors.Join(err, f.leave(len(found) == 0))
}

// broken is the rule that what must work did work, whatever was told.
type broken struct{ what string }

func (b *broken) Error() string { return b.what }

// must turns the error of a wait into a finding.
func must(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil || errors.Is(err, errMissed) {
		return err
	}
	return &broken{err.Error()}
}

// wrong is a finding.
func wrong(format string, arguments ...any) error { return &broken{fmt.Sprintf(format, arguments...)} }
