package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"treasury-switch/internal/pgserver"
	"treasury-switch/internal/stage"
	"treasury-switch/internal/wallclock"
)

// The template is a database that is migrated and has the sample data; every scenario gets a copy.
const template = "torture_template"

// buildLimit bounds the build of a switch whose clock can be set.
const buildLimit = 10 * time.Minute

// torture is one run.
type torture struct {
	options
	out   io.Writer
	began time.Time

	programs stage.Programs
	folder   string
	server   *pgserver.Server
	wrong    func() (string, error) // the program whose clock can be set

	playing names
	mu      sync.Mutex // of out
	copies  sync.Mutex // one copy of the template at a time
}

// say prints a line of progress.
func (t *torture) say(format string, arguments ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, "%6.1fs  "+format+"\n", append([]any{time.Since(t.began).Seconds()}, arguments...)...)
}

// play starts what all scenarios share, plays them, and reports whether all passed.
func (t *torture) play(ctx context.Context) (code int, err error) {
	if t.Seed == 0 {
		t.Seed = rand.Uint64N(1_000_000_000)
	}
	t.say("seed %d", t.Seed)
	if err := t.open(ctx); err != nil {
		return exitNotStarted, errors.Join(err, t.close(false))
	}
	failed, err := t.playAll(ctx)
	code = exitHolds
	switch {
	case err != nil:
		code = exitNotStarted
	case failed > 0:
		code = exitBroken
		t.say("%d of what was played does not hold; logs and database are in %s", failed, t.folder)
	default:
		t.say("all holds: whatever anyone was told agrees with where the money is")
	}
	return code, errors.Join(err, t.close(code == exitHolds))
}

// open makes the folder, PostgreSQL and the template.
func (t *torture) open(ctx context.Context) (err error) {
	if t.folder = t.Var; t.folder == "" {
		if t.folder, err = os.MkdirTemp("", "treasury-torture-"); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(t.folder, 0o755); err != nil { // PostgreSQL's user must be able to enter it.
		return err
	}
	if err := os.Chmod(t.folder, 0o755); err != nil {
		return err
	}
	if t.programs, err = stage.Find(ctx, filepath.Join(t.folder, "bin")); err != nil {
		return err
	}
	t.wrong = sync.OnceValues(func() (string, error) { return t.buildWrong(ctx) })
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if t.server, err = pgserver.Start(ctx, pgserver.Options{Folder: t.folder, Log: log}); err != nil {
		return err
	}
	return t.makeTemplate(ctx)
}

// theSwitch is the program under test.
func (t *torture) theSwitch() string {
	if t.Switch != "" {
		return t.Switch
	}
	return t.programs.Path("treasury-switch")
}

// buildWrong builds the switch with a clock that can be set.
func (t *torture) buildWrong(ctx context.Context) (string, error) {
	if t.Wrong != "" {
		return t.Wrong, nil
	}
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	file, began := filepath.Join(t.folder, "treasury-switch-wrong-clock"), time.Now()
	t.say("building a switch whose clock can be set; the first time this takes a minute")
	err := wallclock.Build(ctx, "treasury-switch/cmd/treasury-switch", file)
	if err == nil {
		t.say("built in %s", time.Since(began).Round(time.Second))
	}
	return file, err
}

// makeTemplate starts a node once on an empty database, to migrate it and load the sample data, and has the network cut
// over to yesterday's business day, on which scenarios begin.
func (t *torture) makeTemplate(ctx context.Context) error {
	if err := t.drop(ctx, template); err != nil {
		return err
	}
	if err := t.create(ctx, template, "template0"); err != nil {
		return err
	}
	f := &field{torture: t, name: "template", known: map[string]*till{}, began: time.Now()}
	defer f.leave(false)
	var err error
	if f.books, err = openBooks(ctx, t.server.TCPURL(template)); err != nil {
		return err
	}
	if f.network, err = newNetwork(ctx, t.Seed, yesterday().Add(-1)); err != nil {
		return err
	}
	n, err := t.newNode(f.name, t.server.TCPURL(template), f.network.Addr())
	if err != nil {
		return err
	}
	f.nodes = append(f.nodes, n)
	n.flags = []string{"--dev"}
	if err := n.start(ctx); err != nil {
		return err
	}
	if _, err := f.network.CutOver(ctx, 0); err != nil {
		return err
	}
	err = f.until(ctx, reachLimit, "the business day is open", func() (bool, error) {
		days, err := f.books.number(ctx, `SELECT count(*) FROM business_day`)
		return days > 0, err
	})
	return errors.Join(err, n.stop(ctx))
}

// masterKey is the file that all nodes share.
func (t *torture) masterKey() string { return filepath.Join(t.folder, "master.key") }

// close takes everything down, and removes its files unless a failure is to be looked into.
func (t *torture) close(remove bool) error {
	if t.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	err := t.server.Close(ctx)
	if remove && t.Var == "" {
		err = errors.Join(err, os.RemoveAll(t.folder))
	}
	return err
}
