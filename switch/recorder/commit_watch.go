package recorder

import (
	"context"
	"log/slog"
	"time"
)

// looksAtCommit is how often a COMMIT is looked at in the time that it may take before anybody asks.
const looksAtCommit = 5

// commitWatch asks, while the COMMIT of a lane takes long, whether it still waits for the present
// primary. COMMIT has no deadline, since one that fires leaves its outcome unknown; but a primary
// that was replaced while it waited for its standby will never answer. Then the connection is cut,
// and the group finds out on a new one what became of it.
type commitWatch struct {
	connect func(context.Context) (*session, error)
	after   time.Duration
	lanes   []*lane
	observe Observer
	log     *slog.Logger
}

func newCommitWatch(c Config, lanes []*lane) *commitWatch {
	return &commitWatch{after: c.AskAfter, lanes: lanes, observe: c.Observe, log: c.Log, connect: func(ctx context.Context) (*session, error) {
		return openSession(ctx, c.Address, "watch over COMMIT", c.Check)
	}}
}

// run looks until ctx ends.
func (w *commitWatch) run(ctx context.Context) {
	tick := time.NewTicker(w.after / looksAtCommit)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, l := range w.lanes {
			_ = Shielded(w.observe, w.log, "look at a COMMIT", func() error { w.look(ctx, l); return nil }) // it is logged
		}
	}
}

// look asks for a lane whose COMMIT has taken too long.
func (w *commitWatch) look(ctx context.Context, l *lane) {
	waiting, since := l.current.Load(), l.commits.Load()
	if waiting == nil || since == 0 || l.steady()-time.Duration(since) < w.after {
		return
	}
	why, err := w.ask(ctx, waiting)
	switch {
	case err != nil:
		w.log.Warn("a COMMIT takes long, and nobody says whether its server is the primary still", "lane", l.owner, "error", err)
	case why == "":
		w.log.Warn("a COMMIT takes long; its server is the primary still", "lane", l.owner)
	case l.current.Load() == waiting && l.commits.Load() == since:
		w.log.Warn("a COMMIT is not waited for any longer: "+why, "lane", l.owner, "server", waiting.server.Address)
		waiting.sever()
	}
}

// ask says, over a new connection, why a session will not be answered; nothing if it may be.
func (w *commitWatch) ask(ctx context.Context, waiting *session) (why string, err error) {
	present, err := w.connect(ctx)
	if err != nil {
		return "", err
	}
	defer present.close()
	if !present.server.Same(waiting.server) {
		return "another server is the primary", nil
	}
	limited, cancel := context.WithTimeout(ctx, statementLimit)
	defer cancel()
	if _, err := present.conn.Exec(limited, "RESET ROLE"); err != nil { // Whose process it is is for its user to see.
		return "", err
	}
	alive, err := present.alive(limited, waiting)
	if err == nil && !alive {
		why = "its session is not there any more"
	}
	return why, err
}
