package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/node"
	"treasury-switch/security/access"
	"treasury-switch/switch/cases"
	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
)

// decideLimit bounds a decision, with the lease of its lane and the wait for its record.
const decideLimit = 30 * time.Second

// caseDecideCmd accepts a proposal.
type caseDecideCmd struct {
	caseOf
	Proposal string `placeholder:"ID" help:"Only if this is still the proposal, as 3.1."`
	as       `embed:""`
}

func (caseDecideCmd) Help() string {
	return `Whoever decides is a checker, and not the one who proposed. The journal is dated by the current business day. If the command
is interrupted, or an account takes no credit, the decision may be in force without its effect (state "accepted"): the same person
runs the same command again. That never does it twice.

Example:
  treasury-switch cases decide 0524710000002576 --proposal 3.1 --as checker`
}

func (c *caseDecideCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (cases.Dossier, error) {
		limited, cancel := context.WithTimeout(ctx, decideLimit)
		defer cancel()
		recorder, giveBack, err := a.recorder(limited, db)
		if err != nil {
			return cases.Dossier{}, err
		}
		defer giveBack()
		return cases.Decider{DB: db, Recorder: recorder, DayReach: a.globals.DayReach}.Decide(limited, by, c.Tracking, c.Proposal)
	}, a.printDossier)
}

// caseRejectCmd rejects a proposal.
type caseRejectCmd struct {
	caseOf
	Proposal string `placeholder:"ID" help:"Only if this is still the proposal, as 3.1."`
	Reason   string `required:"" help:"Why, for the one who proposed."`
	as       `embed:""`
}

func (caseRejectCmd) Help() string {
	return `Example:
  treasury-switch cases reject 0524710000002576 --reason 'the letter is about another payment' --as checker`
}

// Run decides against the proposal. No money moves, so no lane is needed.
func (c *caseRejectCmd) Run(ctx context.Context, a *app) error {
	return act(ctx, a, c.as, func(ctx context.Context, db node.Pool, by access.By) (cases.Dossier, error) {
		return cases.Decider{DB: db}.Reject(ctx, by, c.Tracking, c.Proposal, c.Reason)
	}, a.printDossier)
}

// recorder leases a lane of its own for the command, like a node's, so that what it records passes the same fence, the same
// barrier and the same rules as everything else. giveBack frees the lane, and returns when nothing of it runs any more.
func (a *app) recorder(ctx context.Context, db node.Pool) (r *recorder.Recorder, giveBack func(), err error) {
	name, err := commandName()
	if err != nil {
		return nil, nil, err
	}
	r, err = recorder.Open(ctx, recorder.Config{Address: db.Config().ConnString(), Node: name, Lanes: 1,
		Observe: switching.Silent{}, Log: a.logger(slog.LevelWarn), Now: a.now})
	if err != nil {
		return nil, nil, fault.New(fault.Unavailable, "%w", err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	stopped := make(chan struct{})
	go func() { r.Run(running); close(stopped) }()
	return r, func() { stop(); <-stopped }, nil
}

// commandName is a name for the lane that no node and no other command has at the moment.
func commandName() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fault.New(fault.Invalid, "the machine has no name: %w", err)
	}
	return fmt.Sprintf("cli-%s-%d", host, os.Getpid()), nil
}
