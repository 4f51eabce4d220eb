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

// checkServer refuses a database that is not durable, and one whose timeline is older than one this node has worked with: that
// is a primary that was left behind by a failover, and it lacks payments that were acknowledged (recovery matrix, H4). A
// newer timeline is remembered before anything is served. The same is asked of every connection that is made later.
func (n *Node) checkServer(ctx context.Context, db postgres.Querier) (err error) {
	if n.timelines, err = postgres.OpenTimelines(filepath.Join(n.config.Folder, timelinesFile)); err != nil {
		return err
	}
	if err := n.durable(ctx, db); err != nil {
		return err
	}
	err = n.timelines.Check(ctx, db)
	if err != nil && !fault.Is(err, fault.Conflict) {
		return fault.New(fault.Unavailable, "%w", err)
	}
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

// dropOldConnections has the pool make new ones when those that it has lead to a primary that was replaced.
func (n *Node) dropOldConnections() {
	n.timelines.OnNewer(func() {
		n.log.Warn("the database has failed over: a newer timeline answers")
		n.pool.Reset()
	})
}
