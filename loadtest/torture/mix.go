package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// mixName is the name of the random mix.
const mixName = "mix"

// Bounds of a mix. A longer run plays several, each on a field of its own with a seed derived from the run's, so that a
// person can still read the history of a failure.
const (
	leastMix    = 30 * time.Second
	longestMix  = 2 * time.Minute
	mostActions = 400
	mixTills    = 8 // of each of two agencies
)

// mixes plays mixes until the duration ends, and stops at the first that fails.
func (t *torture) mixes(ctx context.Context) (failed int, err error) {
	if len(t.Actions) > 0 {
		return t.mix(ctx, t.Seed, pick(plan(t.Seed), t.Actions))
	}
	for seed := t.Seed; ; seed++ {
		left := t.Duration - time.Since(t.began) - t.Quiet/2
		actions := within(plan(seed), min(max(left, leastMix), longestMix))
		if failed, err = t.mix(ctx, seed, actions); failed > 0 || err != nil || ctx.Err() != nil {
			return failed, err
		}
		if t.Duration-time.Since(t.began) < leastMix {
			return 0, nil
		}
	}
}

// mix plays one mix and reports its result.
func (t *torture) mix(ctx context.Context, seed uint64, actions []action) (failed int, err error) {
	t.say("mix     seed %d: %d actions in %s%s", seed, len(actions), length(actions).Round(time.Second), schedule(actions))
	found, f, err := t.mixOnce(ctx, seed, actions)
	if err != nil || ctx.Err() != nil {
		return 0, err
	}
	if len(found) == 0 {
		t.say("holds   mix of seed %d: %s", seed, f.tally())
		return 0, nil
	}
	near := f.near(found, actions)
	if t.Shrink {
		if near, err = t.shrink(ctx, seed, actions, near); err != nil {
			return 1, err
		}
	}
	t.say("FAILS   mix of seed %d\n    found:\n    - %s\n    what was done:\n%s    the smallest part of it that may show it again: SCENARIO=%s SEED=%d ACTIONS=%s make torture",
		seed, strings.Join(shorten(found), "\n    - "), f.story(), mixName, seed, numbers(near))
	return 1, nil
}

// mixOnce plays a mix on a field of its own.
func (t *torture) mixOnce(ctx context.Context, seed uint64, actions []action) (found []string, f *field, err error) {
	f, err = t.prepare(ctx, mixName, seed)
	if err == nil {
		var wrong *broken
		if err = f.playMix(ctx, seed, actions); errors.As(err, &wrong) {
			found, err = append(found, wrong.what), nil
		}
	}
	if err == nil {
		var more []string
		more, err = f.verdict(ctx, true)
		found = append(found, more...)
	}
	return found, f, errors.Join(err, f.leave(len(found) == 0))
}

// playMix has terminals pay while the actions take place.
func (f *field) playMix(ctx context.Context, seed uint64, actions []action) error {
	living, stop := context.WithCancel(ctx)
	defer stop()
	var tills sync.WaitGroup
	for i := range 2 * mixTills {
		t := f.till(int32(101+i%2), i/2)
		tills.Go(func() { t.live(living, ctx, rand.New(rand.NewPCG(seed, uint64(i)+1))) })
	}
	began := time.Now()
	var acting sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, a := range actions {
		if err := f.pass(ctx, a.at-actions[0].at-time.Since(began)); err != nil {
			break
		}
		acting.Go(func() {
			if err := f.act(ctx, a); err != nil {
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	acting.Wait()
	stop()
	tills.Wait()
	return failed
}

// near are the actions that overlap the payments of the findings; all actions if no payment is named.
func (f *field) near(found []string, actions []action) []action {
	first, last := time.Duration(-1), time.Duration(0)
	for t := range f.told.All {
		named := slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, t.String()) })
		for _, w := range t.Words {
			if named && (first < 0 || w.Sent < first) {
				first = w.Sent
			}
			if named {
				last = max(last, w.Heard)
			}
		}
	}
	if first < 0 {
		return actions
	}
	var some []action
	for _, a := range actions {
		began := a.at - actions[0].at
		if began < last+time.Second && began+a.lasts > first-3*time.Second {
			some = append(some, a)
		}
	}
	if len(some) == 0 {
		return actions
	}
	return some
}

// shrinkTries is how often a smaller mix must pass before it counts as passing.
const shrinkTries = 2

// shrink leaves out one action after the other as long as the rest still fails.
func (t *torture) shrink(ctx context.Context, seed uint64, all, near []action) ([]action, error) {
	fails := func(some []action) (bool, error) {
		for range shrinkTries {
			found, _, err := t.mixOnce(ctx, seed, some)
			if len(found) > 0 || err != nil {
				return len(found) > 0, err
			}
		}
		return false, ctx.Err()
	}
	some := near
	if yes, err := fails(some); err != nil || !yes {
		return all, err
	}
	for i := 0; i < len(some) && len(some) > 1; {
		less := slices.Delete(slices.Clone(some), i, i+1)
		t.say("shrink  without action %d: %d are left", some[i].number, len(less))
		yes, err := fails(less)
		if err != nil {
			return some, err
		}
		if yes {
			some = less
		} else {
			i++
		}
	}
	return some, nil
}

// tally counts what happened in a mix.
func (f *field) tally() string {
	codes := map[string]int{}
	words := 0
	for t := range f.told.All {
		for _, w := range t.Words {
			words++
			codes[string(w.Code)]++
		}
	}
	return fmt.Sprintf("%d purchases, %d messages: %d told 00, %d told 68, %d told 09, %d unanswered", f.told.Len(), words, codes["00"], codes["68"],
		codes["09"], codes[""])
}
