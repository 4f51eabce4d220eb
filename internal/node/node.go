package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"treasury-switch/internal/dbclock"
	"treasury-switch/internal/metrics"
	"treasury-switch/internal/postgres"
	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/iso/terminal"
	"treasury-switch/registry"
	"treasury-switch/security/pan"
	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
	"treasury-switch/tariffs"
)

// Node is a running switch. Make it with Start, and end it with Stop.
type Node struct {
	config Config
	log    *slog.Logger
	stops  []stop
	failed chan error

	database  *Database
	timelines *postgres.Timelines
	clock     *dbclock.Clock // the database's
	pool      Pool
	vault     *pan.Vault
	lists     *registry.Watcher
	tariffs   *tariffs.Watcher
	metrics   *metrics.Set
	recorder  *recorder.Recorder
	links     *network.Pool
	real      route
	test      route
	payments  *switching.Switch
	channel   *terminal.Channel
	listener  atomic.Pointer[server.Server]

	terminals, http, admin net.Addr
}

// stop undoes a step of the start, within a bound.
type stop struct {
	what  string
	limit time.Duration
	undo  func(ctx context.Context) error
}

// Start brings a node up, step by step. If a step fails, its error is one sentence, and everything started before is taken
// down again. The context bounds the start only, not the node.
func Start(ctx context.Context, config Config) (*Node, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	n := &Node{config: config, log: config.Log, failed: make(chan error, 8), metrics: metrics.New(config.Version)}
	for _, s := range n.steps() {
		if err := s.do(ctx); err != nil {
			return nil, errors.Join(err, n.Stop())
		}
	}
	n.log.Info("the switch takes payments", "node", config.Name, "terminals", n.terminals.String(), "http", n.http.String(),
		"admin", n.admin.String(), "signed_on", n.links.SignedOn())
	return n, nil
}

// step is a part of the start.
type step struct {
	name string
	do   func(ctx context.Context) error
}

// steps are the start in its order: nothing is recorded in a database that is not trusted, and no terminal is served before
// the payments in doubt are decided.
func (n *Node) steps() []step {
	return []step{
		{"lock", n.lock}, {"database", n.openDatabase}, {"vault", n.openVault}, {"sample data", n.loadSample},
		{"lists", n.watchLists}, {"recorder", n.record}, {"links", n.prepareLinks}, {"switch", n.makeSwitch},
		{"admin", n.serveAdmin}, {"recovery", n.recover}, {"sign-on", n.signOn}, {"work", n.work},
		{"terminals", n.listen}, {"http", n.serveHTTP},
	}
}

// Terminals is the address on which terminals are served.
func (n *Node) Terminals() string { return n.terminals.String() }

// HTTP is the address of the pages and the version.
func (n *Node) HTTP() string { return n.http.String() }

// Admin is the address of metrics and health.
func (n *Node) Admin() string { return n.admin.String() }

// Failed delivers the error of a part that ended although it should run on: the node must then be stopped.
func (n *Node) Failed() <-chan error { return n.failed }

// Stop takes the node down in the reverse order of its start: no new messages, answers to those in flight, sign-off, lanes
// given back, database closed. Each step has its bound, so that Stop ends whatever hangs; what it cuts off is repaired by the
// recovery of the next start.
func (n *Node) Stop() error {
	var failures []error
	for len(n.stops) > 0 {
		last := n.stops[len(n.stops)-1]
		n.stops = n.stops[:len(n.stops)-1]
		ctx, cancel := context.WithTimeout(context.Background(), last.limit)
		if err := last.undo(ctx); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", last.what, err))
		}
		cancel()
	}
	return errors.Join(failures...)
}

// undo registers the undoing of a step.
func (n *Node) undo(what string, limit time.Duration, do func(ctx context.Context) error) {
	n.stops = append(n.stops, stop{what: what, limit: limit, undo: do})
}

// run keeps a part of the node running until Stop, which ends its context and waits for it.
func (n *Node) run(what string, limit time.Duration, part func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		err := part(ctx)
		if err == nil && ctx.Err() == nil {
			err = errors.New("it ended by itself")
		}
		if err != nil && ctx.Err() == nil {
			n.fail(fmt.Errorf("%s: %w", what, err))
		}
		ended <- err
	}()
	n.undo(what, limit, func(bound context.Context) error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-bound.Done():
			return errors.New("it did not end in time")
		}
	})
}

// fail tells the first failures; a node that fails is stopped anyway.
func (n *Node) fail(err error) {
	select {
	case n.failed <- err:
	default:
	}
}
