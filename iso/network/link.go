package network

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso/sealed"
)

// link is one endpoint of the network, with its alternates and its connection, if any.
type link struct {
	config Config
	pool   *Pool
	codec  sealed.Codec
	totals totals
	// nudge wakes the link's loop when it is enabled or disabled.
	nudge chan struct{}

	mu       sync.Mutex
	enabled  bool
	state    State
	since    time.Time
	address  string
	lastErr  error
	session  *session
	inFlight int
	idle     chan struct{} // holds one when inFlight has fallen to zero
}

// newLink makes a link that is down.
func newLink(p *Pool, config Config) *link {
	return &link{
		config:  config,
		pool:    p,
		codec:   sealed.Codec{Dialect: config.Dialect, Framing: config.Framing, MAC: config.MAC},
		nudge:   make(chan struct{}, 1),
		enabled: true,
		since:   p.config.Now(),
		idle:    make(chan struct{}, 1),
	}
}

// run keeps the link connected until the context ends.
func (l *link) run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		if !l.isEnabled() {
			l.enter(Disabled, nil)
			l.await(ctx, 0)
			failures = 0
			continue
		}
		signedOn, pause := l.attempt(ctx, l.config.Addresses[failures%len(l.config.Addresses)])
		if ctx.Err() != nil {
			break
		}
		failures++
		if signedOn {
			failures = 0
		}
		if pause == 0 && (signedOn || failures%len(l.config.Addresses) == 0) {
			pause = l.backoff(failures / len(l.config.Addresses))
		}
		if pause > 0 && l.isEnabled() {
			l.await(ctx, pause)
		}
	}
	l.enter(Down, nil)
}

// errSignedOff ends a connection after the network has signed it off.
var errSignedOff = errors.New("signed off by the network")

// attempt opens one connection and serves it to its end. It returns whether the sign-on succeeded, and how long to
// pause if not the usual time: after a sign-off by the network the longest, because the network wants no traffic.
func (l *link) attempt(ctx context.Context, address string) (signedOn bool, pause time.Duration) {
	l.mu.Lock()
	l.address = address
	l.mu.Unlock()
	l.enter(Connecting, nil)
	dialing, cancel := context.WithTimeout(ctx, l.config.DialTimeout)
	conn, err := l.pool.config.Dial(dialing, "tcp", address)
	cancel()
	if err != nil {
		l.fail(fault.New(fault.Unavailable, "connecting to %s: %w", address, err))
		return false, 0
	}
	l.totals.connects.Add(1)
	signedOn, err = l.serve(ctx, conn)
	if err == nil || ctx.Err() != nil {
		l.enter(Down, nil)
		return signedOn, 0
	}
	l.fail(err)
	if errors.Is(err, errSignedOff) {
		pause = l.config.BackoffMost
	}
	return signedOn, pause
}

// serve runs a session over a connection.
func (l *link) serve(ctx context.Context, conn net.Conn) (signedOn bool, err error) {
	s := newSession(ctx, l, conn)
	l.mu.Lock()
	l.session = s
	if !l.enabled {
		s.leave(nil)
	}
	l.mu.Unlock()
	signedOn, err = s.run()
	l.mu.Lock()
	l.session = nil
	l.mu.Unlock()
	return signedOn, err
}

// fail enters Down after a failure, and reports it.
func (l *link) fail(err error) {
	l.totals.failures.Add(1)
	l.enter(Down, err)
	l.pool.config.Logger.Warn("network link is down", "link", l.config.Name, "error", err)
	l.pool.events.put(Event{Kind: LinkDown, Link: l.config.Name, At: l.pool.config.Now(), Err: err})
}

// enter sets a new state. All attempts of a link that is away share one Since, the time when it was last up.
func (l *link) enter(state State, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != state && !(l.state.away() && state.away()) {
		l.since = l.pool.config.Now()
	}
	l.state = state
	if err != nil {
		l.lastErr = err
	}
}

// backoff returns the pause after a number of fruitless rounds over the addresses.
func (l *link) backoff(rounds int) time.Duration {
	pause := l.config.BackoffFirst
	for i := 1; i < rounds && pause < l.config.BackoffMost; i++ {
		pause *= 2
	}
	half := min(pause, l.config.BackoffMost) / 2
	return half + time.Duration(l.pool.config.Random(int64(half)+1))
}

// await pauses; zero means until the link is enabled or disabled, which ends every pause.
func (l *link) await(ctx context.Context, pause time.Duration) {
	var expired <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-ctx.Done():
	case <-expired:
	case <-l.nudge:
	}
}

// isEnabled reports whether an operator wants the link in service.
func (l *link) isEnabled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.enabled
}

// isReady reports whether the link takes requests.
func (l *link) isReady() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state == Ready
}

// enable puts the link into service or takes it out; taken out, it finishes what is in flight and then signs off.
func (l *link) enable(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.enabled == on {
		return
	}
	l.enabled = on
	if !on && l.session != nil {
		l.session.leave(nil)
	}
	select {
	case l.nudge <- struct{}{}:
	default:
	}
}

// status describes the link.
func (l *link) status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Status{Name: l.config.Name, State: l.state, Address: l.address, Since: l.since,
		InFlight: l.inFlight, Totals: l.totals.snapshot()}
	if l.lastErr != nil {
		s.LastError = l.lastErr.Error()
	}
	return s
}
