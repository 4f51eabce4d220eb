package main

import (
	"context"
	"fmt"
)

// slowRound repeats the measurements with slowDelay added to every flush of the log, right after those without, and leaves
// everything running without it. The product begins at the rate that held a minute ago.
func (b *bench) slowRound(ctx context.Context, name string) error {
	if !b.wants(stepSlowDisk) {
		return nil
	}
	b.say("%s: restarting PostgreSQL with %s added to every flush of its log", name, slowDelay)
	if err := b.product.restart(ctx, slowdiskEnvironment(b.library, slowDelay)); err != nil {
		return err
	}
	if err := b.bites(ctx); err != nil {
		return err
	}
	if err := b.slowRates(ctx, name); err != nil {
		return err
	}
	if err := b.product.restart(ctx, nil); err != nil {
		return err
	}
	return b.warm(ctx)
}

// bites checks that the disk has become slower.
func (b *bench) bites(ctx context.Context) error {
	commit, err := measureCommit(ctx, b.cluster.server.URL("postgres"), b.fsyncs/5)
	if err != nil {
		return err
	}
	if commit < b.result.CommitUS+0.9*microseconds(slowDelay) {
		return fmt.Errorf("the slow disk is not slower: a commit takes %.0f us, %.0f us without", commit, b.result.CommitUS)
	}
	b.result.Runs.add(runSlowCommit, commit)
	return nil
}

func (b *bench) slowRates(ctx context.Context, name string) error {
	for _, one := range []measurement{
		{runSlowTPCB, stepSlowDisk, databaseTPCB, func() (float64, error) { return b.tpcb.run(ctx, b.pace.tpcb) }},
		{runSlowCopy, stepSlowDisk, databaseCopy, func() (float64, error) { return b.limit.rate(ctx, b.copying) }},
		{runSlowSingle, stepSlowDisk, databaseCopy, func() (float64, error) { return b.limit.single(ctx, b.copying/2) }},
		{runSlowEndToEnd, stepSlowDisk, databaseSwitch, func() (float64, error) { return b.slowEndToEnd(ctx) }},
	} {
		if err := b.take(ctx, name, one); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) slowEndToEnd(ctx context.Context) (float64, error) {
	if err := b.warm(ctx); err != nil {
		return 0, err
	}
	rate := b.rate
	load, err := b.product.sustain(ctx, &rate, b.pace.endToEnd, b.retryUntil, b.say)
	b.result.Runs.add(runSlowP50, load.p50())
	b.result.Runs.add(runSlowP99, load.p99())
	return load.RateAchieved, err
}
