package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// action is one fault of a mix.
type action struct {
	number int
	at     time.Duration // when it begins, since the mix does
	lasts  time.Duration
	node   int
	kind   *kind
	draw   uint64 // whatever else it needs
}

// kind is a kind of fault.
type kind struct {
	name   string
	weight int
	lasts  [2]time.Duration // at least and at most
	// begin starts the fault and returns the function that ends it. Both nil: it cannot be done now.
	begin func(ctx context.Context, f *field, n *node, draw uint64) (end func(context.Context) error, err error)
	// process is true for a fault of the process, which can have only one at a time.
	process bool
}

// gap is the longest time between two actions.
const gap = 1500 * time.Millisecond

// plan draws the actions of a seed. It is the same for every run of the seed.
func plan(seed uint64) []action {
	random, all := rand.New(rand.NewPCG(seed, 0)), kinds()
	total := 0
	for _, k := range all {
		total += k.weight
	}
	var actions []action
	at := time.Second
	for number := range mostActions {
		at += time.Duration(random.Int64N(int64(gap)))
		k, ticket := 0, random.IntN(total)
		for ticket -= all[0].weight; ticket >= 0; ticket -= all[k].weight {
			k++
		}
		least, most := all[k].lasts[0], all[k].lasts[1]
		actions = append(actions, action{number: number + 1, at: at, lasts: least + time.Duration(random.Int64N(int64(most-least)+1)),
			node: random.IntN(3), kind: &all[k], draw: random.Uint64()})
	}
	return actions
}

// within are the actions that end in a time.
func within(actions []action, limit time.Duration) []action {
	return slices.DeleteFunc(actions, func(a action) bool { return a.at+a.lasts > limit })
}

// pick are the actions with these numbers.
func pick(actions []action, numbers []int) []action {
	return slices.DeleteFunc(actions, func(a action) bool { return !slices.Contains(numbers, a.number) })
}

func length(actions []action) (end time.Duration) {
	for _, a := range actions {
		end = max(end, a.at+a.lasts)
	}
	return end
}

func numbers(actions []action) string {
	var all []string
	for _, a := range actions {
		all = append(all, strconv.Itoa(a.number))
	}
	return strings.Join(all, ",")
}

// schedule lists the actions with their times, a line for each.
func schedule(actions []action) string {
	var text strings.Builder
	for _, a := range actions {
		fmt.Fprintf(&text, "\n    %7.3fs  %3d %s, node %c, for %s", (a.at - actions[0].at).Seconds(), a.number, a.kind.name, 'A'+a.node,
			a.lasts.Round(time.Millisecond))
	}
	return text.String()
}

// act carries out one action from beginning to end.
func (f *field) act(ctx context.Context, a action) error {
	n := f.nodes[a.node]
	if a.kind.process {
		if !n.busy.TryLock() {
			return nil // The process has a fault already.
		}
		defer n.busy.Unlock()
	}
	end, err := a.kind.begin(ctx, f, n, a.draw)
	if err != nil || end == nil {
		return err
	}
	f.note("%3d begins: %s, node %s, for %s", a.number, a.kind.name, n.letter, a.lasts.Round(time.Millisecond))
	if err := f.pass(ctx, a.lasts); err != nil {
		return err
	}
	err = end(ctx)
	f.note("%3d has ended", a.number)
	return err
}

// reviveLimit bounds the wait until a restarted node takes payments.
const reviveLimit = 45 * time.Second

// revive restarts a node until it takes payments, as a service manager does.
func (n *node) revive(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, reviveLimit)
	defer cancel()
	for {
		err := n.begin()
		if err == nil {
			err = n.await(limited, startLimit)
		}
		if err == nil {
			return nil
		}
		n.kill()
		if limited.Err() != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return wrong("node %s takes no payments although it was started again and again for %s: %v", n.letter, reviveLimit, err)
		}
	}
}
