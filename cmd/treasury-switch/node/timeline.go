package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// timelinesFile remembers, by the cluster's system identifier, the newest timeline this node has worked with.
const timelinesFile = "timelines.json"

// querier is what looking at the database needs.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// checkTimeline refuses a database that is not durable, and one whose timeline is older than one this node has seen: that
// is a primary that was left behind by a failover, and it lacks payments that were acknowledged (recovery matrix, H4). A
// newer timeline is remembered before anything is served.
func (n *Node) checkTimeline(ctx context.Context, db querier) error {
	timeline, err := postgres.AssertDurable(ctx, db)
	if err != nil && !(n.config.AcceptVolatile && errors.Is(err, postgres.ErrNotDurable)) {
		return fault.New(fault.Unavailable, "%w: payments need a primary with fsync, full_page_writes and synchronous_commit on", err)
	}
	var system string
	if err := db.QueryRow(ctx, `SELECT system_identifier::text FROM pg_control_system()`).Scan(&system); err != nil {
		return fault.New(fault.Unavailable, "ask the database who it is: %w", err)
	}
	return rememberTimeline(filepath.Join(n.config.Folder, timelinesFile), system, timeline)
}

// rememberTimeline compares the timeline of a cluster with the newest that was seen, and keeps the newer one.
func rememberTimeline(path, system string, timeline int32) error {
	seen, err := readTimelines(path)
	if err != nil {
		return err
	}
	switch {
	case timeline < seen[system]:
		return fault.New(fault.Conflict, "the database is on timeline %d and this node has worked with timeline %d: it is an old "+
			"primary after a failover; point DATABASE_URL to the present one", timeline, seen[system])
	case timeline == seen[system]:
		return nil
	}
	seen[system] = timeline
	return writeTimelines(path, seen)
}

func readTimelines(path string) (map[string]int32, error) {
	seen := map[string]int32{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return seen, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the timelines seen: %w", err)
	}
	if err := json.Unmarshal(text, &seen); err != nil {
		return nil, fault.New(fault.Invalid, "%s is damaged (%w): restore it from a backup, or remove it once you are sure that "+
			"DATABASE_URL names the present primary", path, err)
	}
	return seen, nil
}

// writeTimelines replaces the file as a whole, and durably.
func writeTimelines(path string, seen map[string]int32) error {
	text, err := json.Marshal(seen)
	if err != nil {
		return fmt.Errorf("write the timelines seen: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write the timelines seen: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), timelinesFile+".*")
	if err != nil {
		return fmt.Errorf("write the timelines seen: %w", err)
	}
	defer os.Remove(file.Name())
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the timelines seen: %w", err)
	}
	return nil
}
