package main

import (
	"context"
	"slices"
	"time"

	"treasury-switch/internal/relay"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

const ms = time.Millisecond

// kinds are the faults that a mix is drawn from.
func kinds() []kind {
	return slices.Concat(ofProcesses(), ofTheDatabase(), ofTheNetwork(), ofOperators())
}

// ofProcesses are faults of a node's process and host.
func ofProcesses() []kind {
	return []kind{
		{name: "frozen", weight: 10, lasts: [2]time.Duration{200 * ms, 6 * time.Second}, process: true,
			begin: func(_ context.Context, _ *field, n *node, _ uint64) (func(context.Context) error, error) {
				n.freeze()
				return func(context.Context) error { n.thaw(); return nil }, nil
			}},
		{name: "killed", weight: 6, lasts: [2]time.Duration{0, 2 * time.Second}, process: true,
			begin: func(_ context.Context, _ *field, n *node, _ uint64) (func(context.Context) error, error) {
				n.kill()
				return n.revive, nil
			}},
		{name: "asked to end", weight: 5, lasts: [2]time.Duration{0, time.Second}, process: true,
			begin: func(ctx context.Context, _ *field, n *node, _ uint64) (func(context.Context) error, error) {
				_ = n.stop(ctx) // An orderly stop may fail here: that is the point.
				return n.revive, nil
			}},
		{name: "without power", weight: 4, lasts: [2]time.Duration{500 * ms, 3 * time.Second}, process: true,
			begin: func(_ context.Context, _ *field, n *node, draw uint64) (func(context.Context) error, error) {
				if err := n.database.Vanish(relay.All); err != nil {
					return nil, err
				}
				n.kill()
				return func(ctx context.Context) error {
					if draw%2 == 0 {
						n.database.Bury()
					}
					err := n.revive(ctx)
					n.database.Bury()
					return err
				}, nil
			}},
		{name: "with a wrong clock", weight: 4, lasts: [2]time.Duration{2 * time.Second, 8 * time.Second}, process: true, begin: wrongClock},
	}
}

// clocksOff are the errors of a node's clock.
var clocksOff = []time.Duration{45 * time.Second, -45 * time.Second, 48 * time.Hour, 72 * time.Hour, -24 * time.Hour, 365 * 24 * time.Hour}

func wrongClock(ctx context.Context, f *field, n *node, draw uint64) (func(context.Context) error, error) {
	_ = n.stop(ctx) // As above.
	n.ahead = clocksOff[draw%uint64(len(clocksOff))]
	f.note("%s runs %s ahead", n.letter, n.ahead)
	if err := n.revive(ctx); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_ = n.stop(ctx)
		n.ahead = 0
		return n.revive(ctx)
	}, nil
}

// which names the connections and the direction that an action affects.
func which(draw uint64) relay.Of    { return []relay.Of{relay.Lanes, relay.All, relay.Others}[draw%3] }
func whither(draw uint64) relay.Way { return relay.Way(1 + draw/3%3) }

// ofTheDatabase are faults between a node and the database.
func ofTheDatabase() []kind {
	let := func(n *node) func(context.Context) error {
		return func(context.Context) error { n.database.Release(); return nil }
	}
	nothing := func(context.Context) error { return nil }
	return []kind{
		{name: "database stalls", weight: 10, lasts: [2]time.Duration{100 * ms, 5 * time.Second},
			begin: func(_ context.Context, _ *field, n *node, draw uint64) (func(context.Context) error, error) {
				n.database.Hold(which(draw), whither(draw))
				return let(n), nil
			}},
		{name: "connections cut", weight: 6, lasts: [2]time.Duration{0, ms},
			begin: func(_ context.Context, _ *field, n *node, draw uint64) (func(context.Context) error, error) {
				if whither(draw) == relay.Up {
					n.database.Cut(which(draw))
				} else {
					n.database.Reset(which(draw))
				}
				return nothing, nil
			}},
		{name: "database out of reach", weight: 4, lasts: [2]time.Duration{100 * ms, 4 * time.Second},
			begin: func(_ context.Context, _ *field, n *node, draw uint64) (func(context.Context) error, error) {
				n.database.Refuse(true)
				n.database.Reset(which(draw))
				return func(context.Context) error { n.database.Refuse(false); return nil }, nil
			}},
		{name: "connections dead without a word", weight: 5, lasts: [2]time.Duration{time.Second, 12 * time.Second},
			begin: func(_ context.Context, _ *field, n *node, draw uint64) (func(context.Context) error, error) {
				err := n.database.Vanish(which(draw))
				return func(context.Context) error {
					if whither(draw) == relay.Up {
						return n.database.Return()
					}
					n.database.Bury()
					return nil
				}, err
			}},
		{name: "a COMMIT goes wrong", weight: 12, lasts: [2]time.Duration{300 * ms, 5 * time.Second},
			begin: func(_ context.Context, f *field, n *node, draw uint64) (func(context.Context) error, error) {
				deed := []relay.Deed{relay.Swallow, relay.Keep, relay.Lose, relay.Mute, relay.Fade}[draw%5]
				having := []string{"", posting, "payments"}[draw/5%3]
				n.database.Trap(relay.Lanes, relay.AtCommit, having, deed)
				f.note("the trap of %s is %d at COMMIT of %q", n.letter, deed, having)
				return func(context.Context) error { n.database.Disarm(); n.database.Release(); n.database.Bury(); return nil }, nil
			}},
		{name: "dead in the middle of rows", weight: 3, lasts: [2]time.Duration{time.Second, 8 * time.Second},
			begin: func(_ context.Context, _ *field, n *node, _ uint64) (func(context.Context) error, error) {
				n.database.Trap(relay.Lanes, relay.AtRows, "", relay.Fade)
				return func(context.Context) error { n.database.Disarm(); n.database.Bury(); return nil }, nil
			}},
	}
}

// ofTheNetwork are faults of the card network and of the links to it.
func ofTheNetwork() []kind {
	return []kind{
		{name: "network misbehaves", weight: 8, lasts: [2]time.Duration{500 * ms, 4 * time.Second},
			begin: func(_ context.Context, f *field, _ *node, draw uint64) (func(context.Context) error, error) {
				faults := []simulator.Faults{{Drop: 30}, {Delay: 40, DelayMS: 1500}, {Delay: 30, DelayMS: 3000}, {Duplicate: 50}, {Corrupt: 20},
					{Disconnect: 10}, {Drop: 50, On: simulator.Reversals}}[draw%7]
				return func(context.Context) error { return f.network.SetFaults(simulator.Faults{}) }, f.network.SetFaults(faults)
			}},
		{name: "network silent", weight: 6, lasts: [2]time.Duration{300 * ms, 3500 * ms},
			begin: func(_ context.Context, f *field, _ *node, draw uint64) (func(context.Context) error, error) {
				f.network.keep([]simulator.Scope{simulator.Purchases, simulator.Reversals}[draw%2])
				return func(context.Context) error { f.network.open(); return nil }, nil
			}},
		{name: "foreign answers", weight: 4, lasts: [2]time.Duration{300 * ms, 2 * time.Second},
			begin: func(ctx context.Context, f *field, _ *node, draw uint64) (func(context.Context) error, error) {
				f.lying(ctx, func(a *iso.Message) *iso.Message {
					if a.Get(iso.FieldCode) == string(iso.RC00Approved) {
						return foreign(a, iso.RC51InsufficientFunds)
					}
					return foreign(a, iso.RC00Approved)
				}, draw%3 > 0)
				return func(context.Context) error { f.network.tell(simulator.Purchases, nil); return nil }, nil
			}},
		{name: "links cut", weight: 4, lasts: [2]time.Duration{0, 2 * time.Second},
			begin: func(_ context.Context, _ *field, n *node, draw uint64) (func(context.Context) error, error) {
				if draw%2 == 0 {
					n.network.Refuse(true)
				}
				n.network.Reset(relay.All)
				return func(context.Context) error { n.network.Refuse(false); return nil }, nil
			}},
		{name: "links stall", weight: 4, lasts: [2]time.Duration{200 * ms, 4 * time.Second},
			begin: func(_ context.Context, _ *field, n *node, draw uint64) (func(context.Context) error, error) {
				n.network.Hold(relay.All, whither(draw))
				return func(context.Context) error { n.network.Release(); return nil }, nil
			}},
	}
}

// ofOperators are actions of operators meanwhile.
func ofOperators() []kind {
	return []kind{
		{name: "terminal frozen", weight: 2, lasts: [2]time.Duration{2 * time.Second, 5 * time.Second},
			begin: func(ctx context.Context, f *field, _ *node, draw uint64) (func(context.Context) error, error) {
				id := f.till(101, int(draw%mixTills)).terminal.ID
				return func(ctx context.Context) error { return f.order(ctx, "terminals", "reopen", id, "--as=maker") },
					f.order(ctx, "terminals", "freeze", id, "--as=maker")
			}},
		{name: "business day changes", weight: 1, lasts: [2]time.Duration{time.Second, 3 * time.Second},
			begin: func(ctx context.Context, f *field, _ *node, _ uint64) (func(context.Context) error, error) {
				if !f.cutOver.CompareAndSwap(false, true) {
					return nil, nil // Once only, or the network's day would run ahead of the calendar.
				}
				old := f.network.Day()
				if _, err := f.network.CutOver(ctx, 0); err != nil {
					return nil, err
				}
				return func(ctx context.Context) error {
					_, _, err := f.operate(ctx, f.address, "day", "close", old.String(), "--as=maker") // It may be refused.
					return err
				}, nil
			}},
	}
}
