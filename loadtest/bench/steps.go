package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// The steps that --only names.
const (
	stepFsync    = "fsync"
	stepCodec    = "codec"
	stepTPCB     = "tpcb"
	stepCopy     = "copy"
	stepLedger   = "ledger"
	stepEndToEnd = "end-to-end"
	stepSlowDisk = "slow-disk"
	// With --long.
	stepHistory  = "history"
	stepHeap     = "heap"
	stepOverload = "overload"
)

// slowDelay is added to every flush of the log, to resemble a production disk.
const slowDelay = 2 * time.Millisecond

// Callers of the ledger alone.
const (
	someCallers = 256
	manyCallers = 2000
)

// Parts of the found maximum at which the product is measured: below it a rate is sustained however long, at half of it an
// operator would run.
const (
	sustained = 0.95
	halfLoad  = 0.5
)

// bench is one run.
type bench struct {
	pace
	only       []string
	longOnly   []string // of the long run
	folder     string
	lanes      int
	settings   []string // of PostgreSQL, instead of the private server's own
	say        func(format string, arguments ...any)
	cluster    *cluster
	library    string // the slow disk, where it is wanted
	tpcb       *tpcb
	limit      *limit
	books      *books
	product    *wholeProduct
	rate       float64   // that the product is run at, end to end
	easy       bool      // that rate held at the first try
	retryUntil time.Time // a rate that does not hold is tried again up to then
	result     result
}

func (b *bench) wants(step string) bool { return len(b.only) == 0 || slices.Contains(b.only, step) }

// open starts the cluster and prepares the databases of the chosen steps.
func (b *bench) open(ctx context.Context, log *slog.Logger) (err error) {
	b.say("starting a private PostgreSQL under %s", b.folder)
	if b.cluster, err = startCluster(ctx, b.folder, b.settings, log); err != nil {
		return err
	}
	if b.result.Host, err = describeHost(ctx, b.cluster.server.URL("postgres")); err != nil {
		return err
	}
	if b.wants(stepSlowDisk) {
		if b.library, err = buildSlowdisk(ctx, b.cluster.server.Folder()); err != nil {
			return err
		}
	}
	return b.prepare(ctx)
}

func (b *bench) prepare(ctx context.Context) (err error) {
	if b.wants(stepTPCB) || b.wants(stepSlowDisk) {
		b.say("making the tables of TPC-B, scale %d", b.scale)
		if b.tpcb, err = newTPCB(ctx, b.cluster, b.scale); err != nil {
			return err
		}
	}
	if b.wants(stepCopy) || b.wants(stepSlowDisk) {
		b.say("recording %d payments, to copy their rows", b.samplePaid)
		if b.limit, err = newLimit(ctx, b.cluster, b.lanes, b.samplePaid); err != nil {
			return err
		}
		b.result.CopyRows = b.limit.sample.describe()
	}
	if b.wants(stepLedger) {
		if b.books, err = newBooks(ctx, b.cluster, databaseLedger, b.lanes); err != nil {
			return err
		}
	}
	if b.wants(stepEndToEnd) || b.wants(stepSlowDisk) {
		b.say("starting the simulator and the switch as processes")
		b.product, err = newWholeProduct(ctx, b.cluster, b.nodeFolder(), b.lanes)
	}
	return err
}

// close ends everything, and removes the data unless they are to be kept.
func (b *bench) close(keep bool) error {
	var failures []error
	if b.product != nil {
		failures = append(failures, b.product.stop())
	}
	if b.cluster != nil && b.cluster.server != nil {
		end := b.cluster.remove
		if keep {
			end = b.cluster.close
		}
		failures = append(failures, end())
	}
	if !keep {
		failures = append(failures, os.RemoveAll(b.nodeFolder()))
	}
	return errors.Join(failures...)
}

// nodeFolder is where the switch keeps its key and its log.
func (b *bench) nodeFolder() string { return filepath.Join(b.folder, "node") }

// run measures in rounds in which the yardstick and the product take turns, so that a change of the machine's speed affects
// both alike.
func (b *bench) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{b.fsync, b.codec, b.search, b.rounds, b.check} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) fsync(ctx context.Context) (err error) {
	if !b.wants(stepFsync) && !b.wants(stepSlowDisk) {
		return nil
	}
	if b.result.FsyncUS, err = measureFsync(ctx, b.cluster.server.Folder(), b.fsyncs); err != nil {
		return err
	}
	b.result.CommitUS, err = measureCommit(ctx, b.cluster.server.URL("postgres"), b.fsyncs)
	b.say("one fsync takes %s us, one commit %s us", figure(b.result.FsyncUS), figure(b.result.CommitUS))
	return err
}

func (b *bench) codec(context.Context) (err error) {
	if b.wants(stepCodec) {
		b.say("packing and unpacking")
		b.result.Codec, err = measureCodec(b.pace.codec)
	}
	return err
}

// firstRate is where the search for the maximum begins.
const firstRate = 3000

// search finds the maximum that the rounds are run just below.
func (b *bench) search(ctx context.Context) (err error) {
	if b.product == nil {
		return nil
	}
	b.say("end to end: warming up, then looking for the highest rate with p99 <= %d ms", maximumP99)
	if err := b.warm(ctx); err != nil {
		return err
	}
	b.result.FoundMaximum, err = b.product.maximum(ctx, firstRate, b.step, b.say)
	b.rate = sustained * b.result.FoundMaximum
	b.say("end to end: found %s payments/s", figure(b.result.FoundMaximum))
	return err
}

// warm puts a light load on a switch that has just started.
func (b *bench) warm(ctx context.Context) error {
	_, err := b.product.at(ctx, firstRate/4, b.step)
	return err
}

func (b *bench) rounds(ctx context.Context) error {
	b.result.Runs = series{}
	for i := range b.pace.rounds {
		name := fmt.Sprintf("round %d of %d", i+1, b.pace.rounds)
		if err := b.round(ctx, name); err != nil {
			return err
		}
		if err := b.slowRound(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// measurement is one figure of a round.
type measurement struct {
	run      string
	step     string
	database string // that it writes to
	rate     func() (float64, error)
}

func (b *bench) round(ctx context.Context, name string) error {
	for _, one := range []measurement{
		{runTPCB, stepTPCB, databaseTPCB, func() (float64, error) { return b.tpcb.run(ctx, b.pace.tpcb) }},
		{runCopy, stepCopy, databaseCopy, func() (float64, error) { return b.limit.rate(ctx, b.copying) }},
		{runSingle, stepCopy, databaseCopy, func() (float64, error) { return b.limit.single(ctx, b.copying/2) }},
		{runLedger256, stepLedger, databaseLedger, func() (float64, error) { return b.books.rate(ctx, someCallers, b.warmUp, b.pace.ledger) }},
		{runLedger, stepLedger, databaseLedger, func() (float64, error) { return b.books.rate(ctx, manyCallers, b.warmUp, b.pace.ledger) }},
		{runEndToEnd, stepEndToEnd, databaseSwitch, func() (float64, error) { return b.endToEnd(ctx) }},
		{runHalfP99, stepEndToEnd, databaseSwitch, func() (float64, error) { return b.half(ctx) }},
		{runIdleSwitch, stepEndToEnd, databaseSwitch, func() (float64, error) { return b.idle(ctx) }},
	} {
		if !b.wants(one.step) && !(b.wants(stepSlowDisk) && one.run == runEndToEnd) {
			continue
		}
		if err := b.take(ctx, name, one); err != nil {
			return err
		}
	}
	return nil
}

// take takes a measurement and settles its database, so that the next one does not pay for it.
func (b *bench) take(ctx context.Context, round string, m measurement) error {
	rate, err := m.rate()
	if err != nil {
		return err
	}
	b.result.Runs.add(m.run, rate)
	b.say("%s: %s %s", round, m.run, figure(rate))
	return b.cluster.settle(ctx, m.database)
}

// endToEnd reuses the last rate that held, a little higher if it held at once: the machine may have become faster too.
func (b *bench) endToEnd(ctx context.Context) (float64, error) {
	if b.easy {
		b.rate /= retreat
	}
	from := b.rate
	r, err := b.product.sustain(ctx, &b.rate, b.pace.endToEnd, b.retryUntil, b.say)
	b.easy = r.holds() && b.rate == from
	b.result.Runs.add(runP50, r.p50())
	b.result.Runs.add(runP99, r.p99())
	b.result.CPU = map[string]float64{}
	for name, p := range r.Processes {
		b.result.CPU[name] = p.CPUUSPerPayment
	}
	return r.RateAchieved, err
}

// half is the p99 in milliseconds at half of the maximum, estimated from the rate that held last.
func (b *bench) half(ctx context.Context) (float64, error) {
	r, err := b.product.at(ctx, halfLoad*b.rate/sustained, b.pace.half)
	b.result.Runs.add(runHalf, r.RateAchieved)
	b.result.Runs.add(runHalfP50, r.p50())
	return r.p99(), err
}

// idle is the switch's share of a payment alone, in milliseconds.
func (b *bench) idle(ctx context.Context) (float64, error) {
	p50, share, err := b.product.alone(ctx, b.pace.idle)
	b.result.Runs.add(runIdleP50, p50)
	return share, err
}

// check holds the invariants over what the ledger alone recorded.
func (b *bench) check(ctx context.Context) error {
	if b.books == nil {
		return nil
	}
	b.say("checking the %d payments of the ledger alone", b.books.number.Load())
	return checkBooks(ctx, b.books.address())
}
