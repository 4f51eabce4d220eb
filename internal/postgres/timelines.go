package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"treasury-switch/internal/fault"
)

// Timelines remembers in a file, by the cluster's system identifier, the newest timeline that was worked with. A primary on an older one was
// left behind by a failover, and lacks payments that were acknowledged (recovery matrix, H4). It is safe for concurrent use.
type Timelines struct {
	path string

	mu    sync.Mutex
	seen  map[string]uint32
	newer func()
}

// OpenTimelines reads the file; none is there before the first time. fault.Invalid: the file is damaged.
func OpenTimelines(path string) (*Timelines, error) {
	t := &Timelines{path: path, seen: map[string]uint32{}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the timelines seen: %w", err)
	}
	if err := json.Unmarshal(text, &t.seen); err != nil {
		return nil, fault.New(fault.Invalid, "%s is damaged (%w): restore it from a backup, or remove it once you are sure that "+
			"DATABASE_URL names the present primary", path, err)
	}
	return t, nil
}

// OnNewer says what to do when a newer timeline appears than the one that was worked with: connections to the old primary are of no use any
// more.
func (t *Timelines) OnNewer(do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.newer = do
}

// Check compares a server's timeline with the newest that was seen, and keeps the newer one, durably, before anything is done there.
// fault.Conflict: it is older.
func (t *Timelines) Check(id Identity) error {
	newer, err := t.note(id)
	if newer != nil {
		newer()
	}
	return err
}

func (t *Timelines) note(id Identity) (newer func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	newest, known := t.seen[id.System]
	switch {
	case id.Timeline < newest:
		return nil, fault.New(fault.Conflict, "the database is on timeline %d and this node has worked with timeline %d: it is an old "+
			"primary after a failover; point DATABASE_URL to the present one", id.Timeline, newest)
	case id.Timeline == newest:
		return nil, nil
	}
	t.seen[id.System] = id.Timeline
	if err := t.write(); err != nil {
		t.seen[id.System] = newest
		return nil, err
	}
	if !known {
		return nil, nil
	}
	return t.newer, nil
}

// write replaces the file as a whole, and durably.
func (t *Timelines) write() error {
	text, err := json.Marshal(t.seen)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(t.path), 0o755)
	}
	if err != nil {
		return fmt.Errorf("write the timelines seen: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(t.path), filepath.Base(t.path)+".*")
	if err != nil {
		return fmt.Errorf("write the timelines seen: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), t.path)
	}
	if err != nil {
		return fmt.Errorf("write the timelines seen: %w", err)
	}
	return nil
}
