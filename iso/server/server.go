package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"golang.org/x/time/rate"

	"treasury-switch/iso/sealed"
)

// logLinesPerSecond bounds the log lines of one server, so that a hostile peer cannot fill a disk. The counters stay
// exact.
const logLinesPerSecond = 20

// Server serves one listener or several with the same rules. Its methods may be
// called from any goroutine.
type Server struct {
	config Config
	codec  sealed.Codec
	counts counters
	limit  *rate.Limiter

	context context.Context // of all handlers; ends when the server is closed by force
	cancel  context.CancelFunc
	quit    chan struct{} // closed when the server begins to close

	mu        sync.Mutex
	closing   bool
	lastID    uint64
	listeners map[net.Listener]struct{}
	sessions  map[uint64]*Session
	perPeer   map[string]int

	running  sync.WaitGroup // accept loops and sessions
	handlers sync.WaitGroup // messages being handled
}

// New checks the configuration (fault.Invalid) and makes a server that does not listen yet.
func New(config Config) (*Server, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	s := &Server{
		config:    config,
		codec:     sealed.Codec{Dialect: config.Dialect, Framing: config.Framing, MAC: config.MAC},
		limit:     rate.NewLimiter(logLinesPerSecond, 5*logLinesPerSecond),
		quit:      make(chan struct{}),
		listeners: make(map[net.Listener]struct{}),
		sessions:  make(map[uint64]*Session),
		perPeer:   make(map[string]int),
	}
	s.context, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Shutdown stops accepting and reading, lets the messages in flight be answered, and closes every connection when its
// answers are written. If the context ends first it closes by force and returns the context's error.
func (s *Server) Shutdown(ctx context.Context) error {
	for _, session := range s.beginClosing() {
		session.drain()
	}
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		s.handlers.Wait()
		close(done)
	}()
	select {
	case <-done:
		s.cancel()
		return nil
	case <-ctx.Done():
		s.Close()
		return fmt.Errorf("iso server %s: drain: %w", s.config.Name, ctx.Err())
	}
}

// Close ends every connection at once and the context of every handler, without waiting for handlers that ignore it.
func (s *Server) Close() {
	s.cancel()
	for _, session := range s.beginClosing() {
		session.kill(ReasonForced)
	}
	s.running.Wait()
}

// beginClosing closes the listeners, admits no further session, and returns the open ones.
func (s *Server) beginClosing() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.closing = true
		close(s.quit)
	}
	for l := range s.listeners {
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			s.config.Logger.Warn("closing a listener failed", "server", s.config.Name, "error", err)
		}
		delete(s.listeners, l)
	}
	open := make([]*Session, 0, len(s.sessions))
	for _, session := range s.sessions {
		open = append(open, session)
	}
	return open
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	stats := s.counts.snapshot()
	s.mu.Lock()
	defer s.mu.Unlock()
	stats.Open = len(s.sessions)
	for _, session := range s.sessions {
		stats.InFlight += int(session.inFlight.Load())
	}
	return stats
}

// Sessions lists the open connections, the oldest first.
func (s *Server) Sessions() []SessionInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]SessionInfo, 0, len(s.sessions))
	for _, session := range s.sessions {
		list = append(list, session.info())
	}
	slices.SortFunc(list, func(a, b SessionInfo) int { return int(a.ID) - int(b.ID) })
	return list
}

// CloseSession ends one connection for an operator, and reports whether there was one with that id. Its messages in
// flight are finished, but not answered.
func (s *Server) CloseSession(id uint64) bool {
	s.mu.Lock()
	session := s.sessions[id]
	s.mu.Unlock()
	if session == nil {
		return false
	}
	session.Close()
	return true
}

// warn logs what went wrong on a connection, at a bounded rate.
func (s *Server) warn(text string, args ...any) {
	if s.limit.Allow() {
		s.config.Logger.Warn(text, append([]any{"server", s.config.Name}, args...)...)
	}
}
