package main

import (
	"context"
	"fmt"
)

// slowDisk measures again with slowDelay added to every flush of the log, and proves first that the delay bites.
func (b *bench) slowDisk(ctx context.Context) (err error) {
	if !b.wants(stepSlowDisk) {
		return nil
	}
	b.say("slow disk: restarting PostgreSQL with %s added to every flush of its log", slowDelay)
	if err := b.product.restart(ctx, slowdiskEnvironment(b.library, slowDelay)); err != nil {
		return err
	}
	r := &b.result
	if r.SlowCommitUS, err = measureCommit(ctx, b.cluster.server.URL("postgres"), b.fsyncs/5); err != nil {
		return err
	}
	b.say("slow disk: one commit takes %s us", figure(r.SlowCommitUS))
	if r.SlowCommitUS < r.CommitUS+0.9*microseconds(slowDelay) {
		return fmt.Errorf("the slow disk is not slower: a commit takes %.0f us, %.0f us without", r.SlowCommitUS, r.CommitUS)
	}
	return b.slowRates(ctx)
}

func (b *bench) slowRates(ctx context.Context) (err error) {
	r := &b.result
	if r.SlowTPCB, err = b.tpcb.run(ctx, b.pace.tpcb); err != nil {
		return err
	}
	if r.SlowCopy, err = b.limit.rate(ctx, b.copying); err != nil {
		return err
	}
	if r.SlowSingle, err = b.limit.single(ctx, b.copying/2); err != nil {
		return err
	}
	b.say("slow disk: TPC-B %s, raw COPY %s, one commit per payment %s", figure(r.SlowTPCB), figure(r.SlowCopy), figure(r.SlowSingle))
	if _, err := b.product.at(ctx, firstRate/4, b.step); err != nil { // A switch that has just started warms up.
		return err
	}
	if r.SlowMaximum, err = b.product.maximum(ctx, slowFirst*r.FoundMaximum, b.step, b.say); err != nil {
		return err
	}
	b.say("slow disk: end to end: found %s payments/s", figure(r.SlowMaximum))
	rate := sustained * r.SlowMaximum
	load, err := b.product.sustain(ctx, &rate, b.pace.endToEnd, b.say)
	r.SlowEndToEnd, r.SlowEndToEndP50, r.SlowEndToEndP99 = load.RateAchieved, load.p50(), load.p99()
	b.say("slow disk: end to end %s payments/s, p99 %s ms", figure(r.SlowEndToEnd), figure(r.SlowEndToEndP99))
	return err
}

// slowFirst is where the search begins with the slow disk, as a part of the maximum without it.
const slowFirst = 0.8
