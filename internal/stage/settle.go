package stage

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"treasury-switch/internal/threeway"
	"treasury-switch/simulator"
)

// lookEvery is the interval of checks, speakEvery that of progress reports.
const (
	lookEvery  = 250 * time.Millisecond
	speakEvery = 3 * time.Second
)

// Unsettled is what is still under way: payments and reversals of the switch, answers that the simulator will send late.
type Unsettled struct {
	threeway.Unsettled
	Waiting int
}

// Settle waits until no payment opened since a time is without an outcome, no reversal is queued, and the simulator,
// whose control port is at url, has no answer left to send. It gives up after limit. Tell is called every few seconds
// with the progress.
func Settle(ctx context.Context, db threeway.Querier, url string, since time.Time, limit time.Duration, tell func(Unsettled)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not everything is settled after %s", limit))
	defer cancel()
	look, speak := time.NewTicker(lookEvery), time.NewTicker(speakEvery)
	defer look.Stop()
	defer speak.Stop()
	for {
		left, err := unsettled(ctx, db, url, since)
		if err != nil {
			return cmp.Or(context.Cause(ctx), err)
		}
		if left == (Unsettled{}) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-speak.C:
			tell(left)
		case <-look.C:
		}
	}
}

func unsettled(ctx context.Context, db threeway.Querier, url string, since time.Time) (Unsettled, error) {
	var theirs simulator.Totals
	if err := get(ctx, url+"/totals", &theirs); err != nil {
		return Unsettled{}, err
	}
	ours, err := threeway.CountUnsettled(ctx, db, since)
	return Unsettled{ours, theirs.Waiting}, err
}
