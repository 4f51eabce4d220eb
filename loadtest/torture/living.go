package main

import (
	"context"
	"math/rand/v2"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/pos"
	"treasury-switch/iso"
)

// Bounds of what a terminal does for one purchase.
const (
	mostSteps     = 8
	mostReversals = 40
	breath        = 120 * time.Millisecond
)

// live makes purchases and follows each up as terminals do until living ends; purchases under way go on until ctx ends.
func (t *till) live(living, ctx context.Context, random *rand.Rand) {
	for living.Err() == nil {
		m := t.purchase()
		code := t.pay(ctx, t.anywhere(random), m)
		for range mostSteps {
			if code = t.step(ctx, random, m, code); code == over {
				break
			}
		}
		await.Pause(living.Done(), time.Duration(random.Int64N(int64(breath))))
	}
}

// over is the code of a purchase that the terminal has finished with.
const over iso.Code = "over"

// anywhere is any node.
func (t *till) anywhere(random *rand.Rand) *node {
	return t.field.nodes[random.IntN(len(t.field.nodes))]
}

// step takes a terminal's next step after an answer, and returns the answer to that.
func (t *till) step(ctx context.Context, random *rand.Rand, m *iso.Message, code iso.Code) iso.Code {
	at, chance := t.anywhere(random), random.IntN(100)
	switch code {
	case "", iso.RC09InProgress: // The outcome is unknown.
		await.Pause(ctx.Done(), time.Duration(random.Int64N(int64(breath))))
		switch {
		case chance < 60:
			return t.repeat(ctx, at, m)
		case chance < 80:
			return t.status(ctx, at, m)
		}
		return t.undo(ctx, random, m)
	case iso.RC00Approved:
		switch {
		case chance < 8:
			return t.repeat(ctx, at, m)
		case chance < 16:
			return t.status(ctx, at, m)
		case chance < 26:
			return t.undo(ctx, random, m)
		}
	case iso.RC91Inoperative:
		if chance < 40 {
			return t.repeat(ctx, at, m)
		}
	default: // Declined; some terminals ask again all the same.
		switch {
		case chance < 8:
			return t.repeat(ctx, at, m)
		case chance < 16:
			return t.status(ctx, at, m)
		}
	}
	return over
}

// undo sends the reversal and its repeats, anywhere, until it is answered for good.
func (t *till) undo(ctx context.Context, random *rand.Rand, of *iso.Message) iso.Code {
	reversal := t.make(func(x *pos.Terminal) *iso.Message { return x.Reversal(of, true) })
	m := reversal
	for range mostReversals {
		switch code := t.ask(ctx, t.anywhere(random), m, timerTerminal); code {
		case "", iso.RC09InProgress, iso.RC91Inoperative:
		default:
			return over
		}
		if !await.Pause(ctx.Done(), 2*breath) {
			return over
		}
		m = t.make(func(x *pos.Terminal) *iso.Message { return x.Repeat(reversal) })
	}
	return over
}
