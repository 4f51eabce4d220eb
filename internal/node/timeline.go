package node

import (
	"context"
	"errors"
	"path/filepath"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// timelinesFile remembers, by the cluster's system identifier, the newest timeline this node has worked with.
const timelinesFile = "timelines.json"

// openTimelines prepares the check that refuses a database whose timeline is older than one this node has worked with: an
// old primary left behind by a failover lacks payments that were acknowledged (recovery matrix, H4). A
// newer timeline is remembered before anything is served. It is asked of every connection that is made.
func (n *Node) openTimelines() (err error) {
	n.timelines, err = postgres.OpenTimelines(filepath.Join(n.config.Folder, timelinesFile))
	return err
}

// durable refuses a database whose COMMIT does not survive a crash.
func (n *Node) durable(ctx context.Context, db postgres.Querier) error {
	err := postgres.AssertDurable(ctx, db)
	if err == nil || n.config.AcceptVolatile && errors.Is(err, postgres.ErrNotDurable) {
		return nil
	}
	return fault.New(fault.Unavailable, "%w: payments need a primary with fsync, full_page_writes and synchronous_commit on", err)
}

// dropOldConnections has the pool reconnect when the primary it leads to was replaced.
func (n *Node) dropOldConnections() {
	n.timelines.OnNewer(func() {
		n.log.Warn("the database has failed over: a newer timeline answers")
		n.pool.Reset()
	})
}
