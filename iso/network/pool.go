package network

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// Pool is a set of links to one network. Its methods may be called from any
// goroutine.
type Pool struct {
	config PoolConfig
	links  []*link
	table  *table
	events *handover
	turn   atomic.Uint64
	stan   atomic.Uint32

	waiters sync.Pool
}

// NewPool checks the configuration (fault.Invalid) and makes a pool whose links are
// down until Run.
func NewPool(config PoolConfig) (*Pool, error) {
	config = config.complete()
	p := &Pool{
		config: config,
		table:  newTable(config.Remember, config.RememberFor),
		events: &handover{
			queue:   make(chan Event, config.EventQueue),
			abandon: make(chan struct{}),
			receive: config.Events,
			logger:  config.Logger,
		},
		waiters: sync.Pool{New: newWaiter},
	}
	names := make(map[string]bool)
	for _, c := range config.Links {
		c, err := c.complete()
		if err != nil {
			return nil, err
		}
		if names[c.Name] {
			return nil, fault.New(fault.Invalid, "network: two links are named %q", c.Name)
		}
		names[c.Name] = true
		p.links = append(p.links, newLink(p, c))
	}
	if len(p.links) == 0 {
		return nil, fault.New(fault.Invalid, "network: no link is configured")
	}
	return p, nil
}

// Run keeps the links connected until the context ends. Then it refuses new requests, waits for those in flight,
// signs off, closes the connections, delivers the last events and returns. Each of these waits is bounded: by
// DrainTimeout, EchoTimeout and WriteTimeout of the links, and by EventGrace. After an error (fault.Unavailable) the
// receiver has not taken all events. Run may be called once.
func (p *Pool) Run(ctx context.Context) error {
	received := make(chan struct{})
	go func() {
		defer close(received)
		p.events.run()
	}()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.runLinks(ctx)
	}()
	<-ctx.Done()
	if await.Pause(ended, p.longestEnd()+p.config.EventGrace) {
		p.events.giveUp() // a reader waits for the receiver
		<-ended
	}
	close(p.events.queue)
	if await.Pause(received, p.config.EventGrace) {
		return fault.New(fault.Unavailable, "network: the receiver did not take the last %d events", len(p.events.queue))
	}
	return nil
}

// runLinks runs every link and returns when all have ended.
func (p *Pool) runLinks(ctx context.Context) {
	var running sync.WaitGroup
	for _, l := range p.links {
		running.Go(func() { l.run(ctx) })
	}
	running.Wait()
}

// longestEnd is how long a link may take for an orderly end.
func (p *Pool) longestEnd() time.Duration {
	var longest time.Duration
	for _, l := range p.links {
		longest = max(longest, l.config.DrainTimeout+l.config.EchoTimeout+2*l.config.WriteTimeout)
	}
	return longest
}

// Exchange sends a request over a link that is signed on and waits for its answer, until the context ends or the
// link's answer timeout is over. The request must be complete, with its own STAN (F11) and transmission time (F7);
// only its MAC field is set here. sendBefore, if not zero, must come from this process's clock (it is compared
// monotonically); it is checked immediately before write.
//
// Every error is ErrNotSent, ErrNoAnswer or ErrUntrusted. A request stays with its link: another is tried only while
// the request has not even been queued.
func (p *Pool) Exchange(ctx context.Context, m *iso.Message, sendBefore time.Time) (*iso.Message, error) {
	key, whole := KeyOf(m)
	if !whole || m.MTI.IsAnswer() {
		return nil, fault.New(fault.Invalid, "network: %s: %w: it is no request with F7 and F11", m.MTI, ErrNotSent)
	}
	var refusals []error
	start := p.turn.Add(1)
	for i := range p.links {
		l := p.links[(start+uint64(i))%uint64(len(p.links))]
		x, err := l.admit(ctx, key, m, sendBefore)
		if err == nil {
			return l.finish(ctx, x)
		}
		if !errors.Is(err, errRefused) {
			return nil, err
		}
		refusals = append(refusals, err)
	}
	return nil, fault.New(fault.Unavailable, "network: request %s: %w: %w", key, ErrNotSent, errors.Join(refusals...))
}

// SignedOn reports whether any link takes requests.
func (p *Pool) SignedOn() bool {
	for _, l := range p.links {
		if l.isReady() {
			return true
		}
	}
	return false
}

// Status describes the links in the order of the configuration.
func (p *Pool) Status() []Status {
	list := make([]Status, len(p.links))
	for i, l := range p.links {
		list[i] = l.status()
	}
	return list
}

// EventCounts returns how many events of each kind there were, and how many events were lost because the receiver did
// not take them before a forced end.
func (p *Pool) EventCounts() (counts map[EventKind]uint64, lost uint64) {
	counts = make(map[EventKind]uint64, len(eventNames))
	for kind := Late; kind <= lastKind; kind++ {
		counts[kind] = p.events.counts[kind].Load()
	}
	return counts, p.events.lost.Load()
}

// Enable puts a link back into service. The error is fault.NotFound.
func (p *Pool) Enable(name string) error { return p.setEnabled(name, true) }

// Disable takes a link out of service: requests in flight are finished, then it signs
// off and stays closed until Enable. The error is fault.NotFound.
func (p *Pool) Disable(name string) error { return p.setEnabled(name, false) }

// setEnabled finds a link and switches it.
func (p *Pool) setEnabled(name string, on bool) error {
	for _, l := range p.links {
		if l.config.Name == name {
			l.enable(on)
			return nil
		}
	}
	return fault.New(fault.NotFound, "network: there is no link %q", name)
}

// managementSTAN returns the next trace number for messages of our own that are not
// payments. They have no terminal, so they never share a key with one.
func (p *Pool) managementSTAN() uint32 { return p.stan.Add(1)%999_999 + 1 }
