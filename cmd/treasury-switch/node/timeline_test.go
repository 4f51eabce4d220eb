package node

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
)

func TestH4_AnOlderTimelineIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", timelinesFile)
	for _, step := range []struct {
		system   string
		timeline int32
		refused  bool
	}{
		{"one", 3, false}, {"one", 3, false}, {"one", 4, false}, {"one", 3, true}, {"one", 4, false},
		{"two", 1, false}, // Another cluster counts by itself.
		{"one", 5, false}, {"two", 1, false}, {"one", 4, true},
	} {
		err := rememberTimeline(path, step.system, step.timeline)
		if refused := fault.Is(err, fault.Conflict); refused != step.refused || (err != nil && !refused) {
			t.Errorf("cluster %s, timeline %d: %v", step.system, step.timeline, err)
		}
	}
}

// A damaged file must not be taken for "nothing was seen".
func TestDamagedTimelinesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), timelinesFile)
	if err := os.WriteFile(path, []byte(`{"one": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rememberTimeline(path, "one", 8); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

// cluster answers the questions about durability like a server with the given settings would.
type cluster struct{ fsync string }

func (c cluster) QueryRow(context.Context, string, ...any) pgx.Row { return c }

func (c cluster) Scan(to ...any) error {
	for i, value := range []any{c.fsync, "on", "on", false, false, int32(1)} {
		switch v := value.(type) {
		case string:
			*to[i].(*string) = v
		case bool:
			*to[i].(*bool) = v
		case int32:
			*to[i].(*int32) = v
		}
		if len(to) == 1 {
			break
		}
	}
	return nil
}

func TestADatabaseThatForgetsIsRefused(t *testing.T) {
	for fsync, refused := range map[string]bool{"on": false, "off": true} {
		n := &Node{config: Config{Folder: t.TempDir()}}
		err := n.checkTimeline(t.Context(), cluster{fsync})
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "fsync is off") {
			t.Errorf("fsync %s: %v", fsync, err)
		}
	}
}
