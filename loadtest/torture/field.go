package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/threeway"
)

// field is where a scenario is played: a database of its own, the simulated card network, three nodes, and their terminals.
type field struct {
	*torture
	name    string
	address string // of the database, beside the relays
	books   books
	network *network
	nodes   []*node // A, B and C
	told    threeway.Book
	running sync.WaitGroup // terminals that wait for answers
	cutOver atomic.Bool    // a mix has changed the business day

	began time.Time
	mu    sync.Mutex
	known map[string]*till
	notes []note
}

// note is an entry in the log of what was done.
type note struct {
	at   time.Duration
	text string
}

// look is the interval of polling.
const look = 20 * time.Millisecond

// prepare makes a field with three running nodes.
func (t *torture) prepare(ctx context.Context, name string, seed uint64) (f *field, err error) {
	f = &field{torture: t, name: strings.ReplaceAll(name, "-", "_"), known: map[string]*till{}, began: time.Now()}
	database := "torture_" + f.name
	if err := t.drop(ctx, database); err != nil {
		return f, err
	}
	if err := t.create(ctx, database, template); err != nil {
		return f, err
	}
	f.address = t.server.TCPURL(database)
	if f.books, err = openBooks(ctx, f.address); err != nil {
		return f, err
	}
	if f.network, err = newNetwork(ctx, seed, yesterday()); err != nil {
		return f, err
	}
	for _, letter := range []string{"A", "B", "C"} {
		n, err := t.newNode(name+"-"+letter, f.address, f.network.Addr())
		if err != nil {
			return f, err
		}
		n.letter = letter
		f.nodes = append(f.nodes, n)
		if err := n.begin(); err != nil {
			return f, err
		}
	}
	for _, n := range f.nodes {
		if err := n.await(ctx, startLimit); err != nil {
			return f, err
		}
	}
	f.began = time.Now()
	return f, nil
}

// leave takes the field down. The database is kept after a failure.
func (f *field) leave(remove bool) error {
	var failures []error
	for _, n := range f.nodes {
		failures = append(failures, n.close())
	}
	f.running.Wait()
	if f.network != nil {
		failures = append(failures, f.network.Close())
	}
	if f.books.Pool != nil {
		f.books.Close()
	}
	if remove {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		failures = append(failures, f.drop(ctx, "torture_"+f.name))
	}
	return errors.Join(failures...)
}

// since is the time since the field is ready.
func (f *field) since() time.Duration { return time.Since(f.began) }

// note writes down what is done.
func (f *field) note(format string, arguments ...any) {
	at := f.since()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notes = append(f.notes, note{at, fmt.Sprintf(format, arguments...)})
}

// A, B and C are the nodes.
func (f *field) A() *node { return f.nodes[0] }
func (f *field) B() *node { return f.nodes[1] }
func (f *field) C() *node { return f.nodes[2] }

// errMissed: the situation that a scenario needs has not come about, so it is played again.
var errMissed = errors.New("the moment was missed")

// until waits for a condition; its error names the one that was not met.
func (f *field) until(ctx context.Context, limit time.Duration, what string, holds func() (bool, error)) error {
	for end := time.Now().Add(limit); ; {
		yes, err := holds()
		switch {
		case err != nil:
			return err
		case yes:
			return nil
		case time.Now().After(end):
			return fmt.Errorf("%s later it is still not so that %s", limit, what)
		case !await.Pause(ctx.Done(), look):
			return context.Cause(ctx)
		}
	}
}

// reach waits for the situation that a scenario needs; without it the scenario is played again.
func (f *field) reach(ctx context.Context, what string, holds func() (bool, error)) error {
	if err := f.until(ctx, reachLimit, what, holds); err != nil {
		return fmt.Errorf("%w: %w", errMissed, err)
	}
	return nil
}

// reachLimit bounds the wait for a situation.
const reachLimit = 10 * time.Second

// debited waits until the network has debited n cards.
func (f *field) debited(ctx context.Context, n int) error {
	return f.reach(ctx, fmt.Sprintf("the network has debited %d cards", n), func() (bool, error) { return f.network.debits() >= n, nil })
}

// in waits until n payments are recorded with a status.
func (f *field) in(ctx context.Context, status string, n int) error {
	return f.reach(ctx, fmt.Sprintf("%d payments are %s", n, status), func() (bool, error) {
		got, err := f.books.in(ctx, status)
		return got >= n, err
	})
}

// sprung waits for a relay's trap.
func (f *field) sprung(ctx context.Context, trap <-chan struct{}) error {
	if await.Pause(trap, reachLimit) {
		return fmt.Errorf("%w: the relay's trap has not sprung", errMissed)
	}
	return ctx.Err()
}

// pass waits for a timer of the program to have run out.
func (f *field) pass(ctx context.Context, d time.Duration) error {
	if !await.Pause(ctx.Done(), d) {
		return context.Cause(ctx)
	}
	return nil
}

// operate runs a command of the switch on the field's database, or on another address, and returns what it prints.
func (f *field) operate(ctx context.Context, address string, arguments ...string) (well bool, out string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, f.theSwitch(), arguments...)
	cmd.Env = append(cmd.Environ(), "DATABASE_URL="+address, "TREASURY_VAR="+f.folder)
	text, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ctx.Err() == nil {
		return false, string(text), nil
	}
	return err == nil, string(text), err
}
