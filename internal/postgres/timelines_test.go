package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
)

// H4: the newest timeline of each cluster is kept, over restarts too, and an older one refused.
func TestH4_AnOlderTimelineIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "timelines.json")
	newer := 0
	for _, step := range []struct {
		system   string
		timeline uint32
		refused  bool
		newer    int
	}{
		{"one", 3, false, 0}, {"one", 3, false, 0}, {"one", 4, false, 1}, {"one", 3, true, 1}, {"one", 4, false, 1},
		{"two", 1, false, 1}, // Another cluster counts by itself.
		{"one", 5, false, 2}, {"two", 1, false, 2}, {"one", 4, true, 2},
	} {
		seen, err := OpenTimelines(path) // As after a restart.
		if err != nil {
			t.Fatal(err)
		}
		seen.OnNewer(func() { newer++ })
		err = seen.Check(Identity{System: step.system, Timeline: step.timeline})
		if refused := fault.Is(err, fault.Conflict); refused != step.refused || (err != nil && !refused) || newer != step.newer {
			t.Errorf("cluster %s, timeline %d: %v, newer ones %d", step.system, step.timeline, err, newer)
		}
	}
}

// A damaged file must not be taken for "nothing was seen", and what cannot be kept is not worked with.
func TestDamagedTimelinesAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "timelines.json")
	if err := os.WriteFile(path, []byte(`{"one": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTimelines(path); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	seen := &Timelines{path: filepath.Join(blocked, "timelines.json"), seen: map[string]uint32{}}
	for range 2 {
		if err := seen.Check(Identity{System: "one", Timeline: 1}); err == nil {
			t.Error("a timeline that cannot be kept is worked with")
		}
	}
}

func TestTimelineOfAFile(t *testing.T) {
	for file, want := range map[string]uint32{"000000010000000000000001": 1, "0000001A00000000000000FF": 26, "00000001": 0, "0000000X0000000000000001": 0, "": 0} {
		if got, err := timelineOf(file); got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v", file, got, err)
		}
	}
}
