package server

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
)

// Bounds of the pause after a failed accept. When file descriptors run out (EMFILE) it fails at once and again, so
// without a pause the loop would spin.
const (
	firstPause   = 5 * time.Millisecond
	longestPause = time.Second
)

// Serve accepts connections until Shutdown or Close and then returns nil. It closes the listener. An error
// (fault.Unavailable) means that the listener was closed from outside, or that the server had been closed before.
func (s *Server) Serve(l net.Listener) error {
	if !s.track(l) {
		_ = l.Close() // it was never used; there is nothing to report
		return fault.New(fault.Unavailable, "iso server %s: already closed", s.config.Name)
	}
	defer s.running.Done()
	pause := firstPause
	for {
		conn, err := l.Accept()
		if err == nil {
			pause = firstPause
			s.admit(conn)
			continue
		}
		if s.isClosing() {
			return nil
		}
		if errors.Is(err, net.ErrClosed) {
			return fault.New(fault.Unavailable, "iso server %s: accept: %w", s.config.Name, err)
		}
		s.counts.acceptErrors.Add(1)
		s.warn("accepting a connection failed", "error", err, "pause", pause)
		await.Pause(s.quit, pause)
		pause = min(2*pause, longestPause)
	}
}

// track registers a listener, unless the server is closing.
func (s *Server) track(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.listeners[l] = struct{}{}
	s.running.Add(1)
	return true
}

// isClosing reports whether Shutdown or Close was called.
func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// admit starts a session for a new connection, or closes it if a limit is reached.
func (s *Server) admit(conn net.Conn) {
	session, reason := s.register(conn)
	if reason != "" {
		s.counts.refuse(reason)
		s.warn("connection refused", "remote", conn.RemoteAddr(), "reason", reason)
		_ = conn.Close() // nothing was exchanged on it
		return
	}
	s.counts.accepted.Add(1)
	go session.run()
}

// register adds a session to the list, or returns the limit that forbids it.
func (s *Server) register(conn net.Conn) (*Session, Reason) {
	peer := peerOf(conn.RemoteAddr())
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return nil, ReasonClosing
	case len(s.sessions) >= s.config.MaxConns:
		return nil, ReasonTotal
	case s.perPeer[peer] >= s.config.MaxPerAddress:
		return nil, ReasonAddress
	}
	s.lastID++
	session := newSession(s, s.lastID, conn, peer)
	s.sessions[session.id] = session
	s.perPeer[peer]++
	s.running.Add(1)
	return session, ""
}

// forget removes an ended session from the list.
func (s *Server) forget(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session.id)
	if s.perPeer[session.peer]--; s.perPeer[session.peer] <= 0 {
		delete(s.perPeer, session.peer)
	}
	s.running.Done()
}

// peerOf is the key of the per-address limit: an IPv4 address, or an IPv6 /64, because a single IPv6 subscriber
// usually has that many addresses (RFC 6177).
func peerOf(address net.Addr) string {
	parsed, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return address.String()
	}
	ip := parsed.Addr().Unmap()
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return ip.String()
	}
	return prefix.String()
}
