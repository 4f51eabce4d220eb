package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"treasury-switch/internal/process"
	"treasury-switch/internal/relay"
	"treasury-switch/internal/scrape"
	"treasury-switch/internal/wallclock"
)

// The timers: short enough for many scenarios in two minutes, long enough for a busy machine.
const (
	timerNetwork    = 2 * time.Second
	timerSwitch     = 2500 * time.Millisecond
	timerTerminal   = 3500 * time.Millisecond
	timerSendBefore = time.Second
	timerInFlight   = time.Second
	timerGrace      = 500 * time.Millisecond
)

// Bounds of a node's start and end.
const (
	startLimit = 30 * time.Second
	stopLimit  = 30 * time.Second
	httpLimit  = 3 * time.Second
)

// settings are the node's timers, given in the environment.
var settings = []string{
	"TREASURY_TIMER_NETWORK=" + timerNetwork.String(), "TREASURY_TIMER_SWITCH=" + timerSwitch.String(),
	"TREASURY_TIMER_TERMINAL=" + timerTerminal.String(), "TREASURY_TIMER_SEND_BEFORE=" + timerSendBefore.String(),
	"TREASURY_TIMER_IN_FLIGHT=" + timerInFlight.String(), "TREASURY_TIMER_GRACE=" + timerGrace.String(),
	"TREASURY_FORWARD_RATE=200", "TREASURY_FORWARD_FIRST=300ms", "TREASURY_FORWARD_MOST=2s", "TREASURY_PATIENCE=800ms",
	"TREASURY_TERMINALS=127.0.0.1:0", "TREASURY_HTTP=127.0.0.1:0", "TREASURY_ADMIN=127.0.0.1:0", "TREASURY_LOG_FORMAT=json",
	"TREASURY_NETWORK_ECHO=2s", "TREASURY_LANE_LEASE=3s", "TREASURY_LANE_BEAT=1s", "TREASURY_SWEEP_EVERY=1s", "TREASURY_SWEEP_AGAIN=20s",
}

// node is a switch process, with a relay before the database and one before the card network.
type node struct {
	torture  *torture
	letter   string
	name     string        // TREASURY_NODE
	ahead    time.Duration // of its wall clock
	flags    []string
	address  string // of the database, through the relay
	database *relay.Relay
	network  *relay.Relay
	folder   string
	log      *os.File

	busy sync.Mutex // something happens to its process

	mu       sync.Mutex
	process  *process.Process
	announce *announcer
}

// newNode makes a node that is not started.
func (t *torture) newNode(letter, database, network string) (n *node, err error) {
	n = &node{torture: t, letter: letter, name: letter, folder: filepath.Join(t.folder, "node-"+letter)}
	if err := os.MkdirAll(n.folder, 0o755); err != nil {
		return nil, err
	}
	if n.log, err = os.Create(filepath.Join(n.folder, "switch.log")); err != nil {
		return nil, err
	}
	if n.database, n.address, err = relay.NewPostgres(database); err != nil {
		return nil, errors.Join(err, n.log.Close())
	}
	if n.network, err = relay.New(network); err != nil {
		return nil, errors.Join(err, n.database.Close(), n.log.Close())
	}
	return n, nil
}

// close kills the node and ends its relays.
func (n *node) close() error {
	n.kill()
	return errors.Join(n.database.Close(), n.network.Close(), n.log.Close())
}

// begin starts the process and does not wait.
func (n *node) begin() error {
	program, clock := n.torture.theSwitch(), []string(nil)
	if n.ahead != 0 {
		var err error
		if program, err = n.torture.wrong(); err != nil {
			return err
		}
		clock = []string{wallclock.Setting(n.ahead)}
	}
	environment := append(append([]string{"DATABASE_URL=" + n.address, "TREASURY_NODE=" + n.name, "TREASURY_VAR=" + n.folder,
		"TREASURY_MASTER_KEY_FILE=" + n.torture.masterKey(), "TREASURY_NETWORK=" + n.network.Address()}, settings...), clock...)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.announce = &announcer{log: n.log, ready: make(chan struct{})}
	p, err := process.StartWith(n.announce, environment, program, append([]string{"serve"}, n.flags...)...)
	n.process = p
	return err
}

// start starts the node and waits until it takes payments.
func (n *node) start(ctx context.Context) error {
	if err := n.begin(); err != nil {
		return err
	}
	return n.await(ctx, startLimit)
}

// await waits until the node takes payments.
func (n *node) await(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	p, a := n.running()
	select {
	case <-a.ready:
		return nil
	case <-p.Ended():
		return fmt.Errorf("node %s ended while starting, see %s", n.letter, n.log.Name())
	case <-ctx.Done():
		return fmt.Errorf("node %s takes no payments %s after its start, see %s", n.letter, limit, n.log.Name())
	}
}

func (n *node) running() (*process.Process, *announcer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process, n.announce
}

// alive reports whether the process runs.
func (n *node) alive() bool {
	p, _ := n.running()
	return p != nil && p.Running()
}

// kill ends the node at once.
func (n *node) kill() {
	if p, _ := n.running(); p != nil {
		p.Kill()
	}
}

// stop ends the node in order.
func (n *node) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	p, _ := n.running()
	return p.Stop(ctx)
}

// freeze stops the process (SIGSTOP); thaw lets it go on.
func (n *node) freeze() { p, _ := n.running(); p.Freeze() }
func (n *node) thaw() {
	if p, _ := n.running(); p != nil {
		p.Thaw()
	}
}

// terminals is where the node serves terminals, once it has started.
func (n *node) terminals() string {
	if _, a := n.running(); a != nil {
		return a.at().Terminals
	}
	return "127.0.0.1:9"
}

// page reads a page of the node's admin port.
func (n *node) page(ctx context.Context, path string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(ctx, httpLimit)
	defer cancel()
	_, a := n.running()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.at().Admin+path, nil)
	if err != nil {
		return 0, "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	return answer.StatusCode, string(text), err
}

// ready reports whether the node is ready for payments; without an answer it is not.
func (n *node) ready(ctx context.Context) bool {
	status, _, err := n.page(ctx, "/readyz")
	return err == nil && status == http.StatusOK
}

// metric sums the series of a metric, 0 if there are none.
func (n *node) metric(ctx context.Context, name string) float64 {
	_, a := n.running()
	page, err := scrape.Ask(ctx, "http://"+a.at().Admin)
	if err != nil {
		return 0
	}
	return page.Sum(name, nil)
}

// relays are the node's.
func (n *node) relays() []*relay.Relay { return []*relay.Relay{n.database, n.network} }
