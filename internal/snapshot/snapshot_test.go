package snapshot

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// list is a value for tests; its content is its version.
type list struct{ version int64 }

// database is what a test's watcher reads.
type database struct {
	version    int64
	versionErr error
	loadErr    error
	loads      int
}

func (d *database) source() Source[list] {
	return Source[list]{
		Name:    "lists",
		Version: func(context.Context) (int64, error) { return d.version, d.versionErr },
		Load: func(context.Context) (*list, error) {
			d.loads++
			return &list{d.version}, d.loadErr
		},
		Of: func(l *list) int64 { return l.version },
	}
}

func watch(t *testing.T, d *database, log *slog.Logger) *Watcher[list] {
	t.Helper()
	w, err := Watch(t.Context(), d.source(), log)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWatchNeedsAFirstValue(t *testing.T) {
	down := errors.New("down")
	if w, err := Watch(t.Context(), (&database{loadErr: down}).source(), nil); w != nil || !errors.Is(err, down) {
		t.Errorf("watching without a value: %v, %v", w, err)
	}
}

func TestRefresh(t *testing.T) {
	down := errors.New("down")
	for _, c := range []struct {
		name    string
		next    database
		changed bool
		err     error
		holds   int64
		loads   int
	}{
		{"the version stays", database{version: 1}, false, nil, 1, 0},
		{"the version moved", database{version: 2}, true, nil, 2, 1},
		{"the version cannot be read", database{version: 2, versionErr: down}, false, down, 1, 0},
		{"the value cannot be read", database{version: 2, loadErr: down}, false, down, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &database{version: 1}
			w := watch(t, d, nil)
			first := w.Current()
			*d = c.next
			changed, err := w.Refresh(t.Context())
			if changed != c.changed || !errors.Is(err, c.err) || w.Current().version != c.holds || d.loads != c.loads {
				t.Errorf("changed %v, %v; holds version %d after %d loads", changed, err, w.Current().version, d.loads)
			}
			if first.version != 1 {
				t.Error("a value changed in the hands of its reader")
			}
		})
	}
}

// TestRunLogs ticks a watcher through changes and failures; each tick is one state of the database.
func TestRunLogs(t *testing.T) {
	good, down := database{version: 1}, database{versionErr: errors.New("down")}
	for _, c := range []struct {
		name  string
		ticks []database
		log   []string
	}{
		{"nothing happens", []database{good, good}, nil},
		{"a change", []database{good, {version: 2}, {version: 2}}, []string{`msg="lists changed" version=2`}},
		{"a row of failures and its end", []database{down, down, down, good, good}, []string{
			`msg="lists polled" failing=true version=1 error=down`, `msg="lists polled" failing=false version=1 error=<nil>`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var log strings.Builder
			d := good
			w := watch(t, &d, slog.New(slog.NewTextHandler(&log, nil)))
			ticks := make(chan time.Time, len(c.ticks))
			for range c.ticks {
				ticks <- time.Time{}
			}
			close(ticks)
			next := 0
			read := w.source.Version
			w.source.Version = func(ctx context.Context) (int64, error) { d = c.ticks[next]; next++; return read(ctx) }
			w.Run(t.Context(), ticks)
			lines := strings.FieldsFunc(log.String(), func(r rune) bool { return r == '\n' })
			if next != len(c.ticks) || len(lines) != len(c.log) {
				t.Fatalf("%d of %d ticks, log:\n%s", next, len(c.ticks), log.String())
			}
			for i, line := range lines {
				if !strings.HasSuffix(line, c.log[i]) {
					t.Errorf("line %d is %q, want %q", i, line, c.log[i])
				}
			}
		})
	}
}

// TestRunEndsWithItsContext: no tick is needed, and what the end interrupts is no failure.
func TestRunEndsWithItsContext(t *testing.T) {
	var log strings.Builder
	d := &database{version: 1}
	w := watch(t, d, slog.New(slog.NewTextHandler(&log, nil)))
	ctx, cancel := context.WithCancel(t.Context())
	w.source.Version = func(context.Context) (int64, error) { cancel(); return 0, context.Canceled }
	ticks := make(chan time.Time, 1)
	ticks <- time.Time{}
	w.Run(ctx, ticks)
	w.Run(ctx, nil)
	if log.Len() != 0 {
		t.Errorf("the end was logged as a failure:\n%s", log.String())
	}
}
