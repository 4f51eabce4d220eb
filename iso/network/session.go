package network

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// urgentQueue bounds the management messages that wait to be written. The network
// sends its own one at a time; a longer queue means that writing has stopped.
const urgentQueue = 64

// session is one connection of a link, from its opening to its end.
type session struct {
	link   *link
	conn   net.Conn
	urgent chan outgoing // management messages, with priority
	normal chan outgoing // requests of callers
	flush  chan struct{} // closed when only urgent and queued messages are still written
	dead   chan struct{} // closed when the connection is

	// stay ends when the connection is to be closed in order: by the pool, by an operator, or by the network, which
	// is then the cause.
	stay  context.Context
	leave context.CancelCauseFunc

	once  sync.Once
	cause error // why the connection ended; set before dead is closed
}

// newSession makes the session of an open connection.
func newSession(ctx context.Context, l *link, conn net.Conn) *session {
	s := &session{
		link:   l,
		conn:   conn,
		urgent: make(chan outgoing, urgentQueue),
		normal: make(chan outgoing, l.config.MaxInFlight),
		flush:  make(chan struct{}),
		dead:   make(chan struct{}),
	}
	s.stay, s.leave = context.WithCancelCause(ctx)
	return s
}

// run signs on, keeps the connection alive and ends it. It returns whether the sign-on succeeded. The error is nil if
// this side ended the connection in order.
func (s *session) run() (signedOn bool, err error) {
	var reading, writing sync.WaitGroup
	reading.Go(s.read)
	writing.Go(s.write)
	s.link.enter(Connected, nil)
	err = s.signOn()
	switch {
	case err == nil:
		signedOn = true
		s.link.ready()
		err = s.keepAlive()
		s.link.enter(Draining, nil)
		s.drain(err)
	case s.stay.Err() != nil && !errors.Is(context.Cause(s.stay), errSignedOff):
		err = nil // this side ended it
	}
	close(s.flush)
	writing.Wait()
	s.kill(err)
	reading.Wait()
	s.leave(nil)
	return signedOn, err
}

// errClosed ends a connection that this side closed in order.
var errClosed = errors.New("closed by this side")

// kill closes the connection at once; the first cause counts.
func (s *session) kill(cause error) {
	if cause == nil {
		cause = errClosed
	}
	s.once.Do(func() {
		s.cause = cause
		close(s.dead)
		_ = s.conn.Close() // what was to be written is written, or lost with it
	})
}

// brokeOff, deferred, ends the connection after a panic. The link makes a new one.
func (s *session) brokeOff() {
	if p := recover(); p != nil {
		bug := fault.Panicked(p)
		s.link.pool.config.Logger.Error("a bug ended a connection to the network", "link", s.link.config.Name, "error", bug, "stack", bug.Places)
		s.kill(bug)
	}
}

// lost returns the error of a connection that has ended.
func (s *session) lost() error {
	<-s.dead
	return fault.New(fault.Unavailable, "the connection was lost: %w", s.cause)
}

// keepAlive sends echoes until the connection is to end. The error is nil if this side ends it, errSignedOff if the
// network does, or what broke the connection.
func (s *session) keepAlive() error {
	ticker := time.NewTicker(s.link.config.EchoInterval)
	defer ticker.Stop()
	for misses := 0; ; {
		select {
		case <-s.dead:
			return s.lost()
		case <-s.stay.Done():
			if errors.Is(context.Cause(s.stay), errSignedOff) {
				return errSignedOff
			}
			return nil
		case <-ticker.C:
		}
		if _, err := s.request(s.stay, iso.FunctionEcho); err == nil {
			misses = 0
			continue
		}
		if s.stay.Err() != nil {
			continue
		}
		misses++
		s.link.totals.echoesMissed.Add(1)
		if misses >= s.link.config.EchoMisses {
			err := fault.New(fault.Unavailable, "%d echoes in a row were not answered", misses)
			s.kill(err)
			return err
		}
	}
}

// drain waits for the requests in flight, and signs off unless the network has done so or the connection is gone.
func (s *session) drain(err error) {
	timer := time.NewTimer(s.link.config.DrainTimeout)
	defer timer.Stop()
	for waiting := true; waiting && s.link.busy(); {
		select {
		case <-s.link.idle:
		case <-s.dead:
			return
		case <-timer.C:
			waiting = false
		}
	}
	if err != nil {
		return
	}
	if _, err := s.request(context.Background(), iso.FunctionSignOff); err != nil {
		s.link.pool.config.Logger.Warn("sign-off was not answered", "link", s.link.config.Name, "error", err)
	}
}

// wait waits for the end of an exchange: its answer, the caller's deadline, the
// timeout, or the loss of the connection.
func (s *session) wait(ctx context.Context, x *exchange, timeout time.Duration) (*iso.Message, error) {
	x.timer.Reset(timeout)
	defer func() {
		x.timer.Stop() // nothing is sent on its channel after this
		s.link.pool.waiters.Put(x.waiter)
	}()
	why := ""
	select {
	case r := <-x.done:
		return r.answer, r.err
	case <-ctx.Done():
		why = "the caller waits no longer: " + ctx.Err().Error()
	case <-x.timer.C:
		why = "none within " + timeout.String()
	case <-s.dead:
		why = s.lost().Error()
	}
	return s.giveUp(x, why)
}

// giveUp ends an exchange without an answer, unless one has just come.
func (s *session) giveUp(x *exchange, why string) (*iso.Message, error) {
	name, table := s.link.config.Name, s.link.pool.table
	if x.stage.CompareAndSwap(queued, abandoned) {
		table.remove(x)
		return nil, notSent(name, x.key, "%s", why)
	}
	if x.stage.Load() == abandoned || !table.expire(x) {
		r := <-x.done
		return r.answer, r.err
	}
	if x.untrusted.Load() {
		return nil, unknown(name, x.key, ErrUntrusted, why)
	}
	return nil, unknown(name, x.key, ErrNoAnswer, why)
}
