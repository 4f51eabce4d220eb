package server

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
)

// unsolicitedQueue bounds the unsolicited messages (Send) of one connection that are not written yet.
const unsolicitedQueue = 64

// Session is one connection. Handlers use it to identify the sender, and to send unsolicited messages. Its methods
// may be called from any goroutine.
type Session struct {
	id     uint64
	server *Server
	conn   net.Conn
	remote string
	peer   string // see peerOf
	since  time.Time

	slots chan struct{} // one for each message read whose answer is not written
	extra chan struct{} // one for each unsolicited message that is not written
	queue chan outgoing // as long as slots and extra together: sending never blocks
	quit  chan struct{} // closed when nothing more is read
	flush chan struct{} // closed when nothing more is queued
	dead  chan struct{} // closed when the connection is closed

	handlers sync.WaitGroup
	inFlight atomic.Int64
	messages atomic.Uint64
	lastSeen atomic.Int64 // Unix nanoseconds, for listings only

	draining atomic.Bool // quit is closed; set under mu

	mu        sync.Mutex
	ended     bool      // flush is closed
	killed    bool      // dead is closed
	reason    Reason    // the first reason to end
	lastWrite time.Time // monotonic
	tpdu      iso.TPDU  // of the last request, with source and destination exchanged

	// Of the reader alone: whether the current read deadline is for the start of a frame, and when the last message
	// was received or a pause of reading ended.
	waiting  bool
	received time.Time
}

// newSession makes the session of an accepted connection.
func newSession(s *Server, id uint64, conn net.Conn, peer string) *Session {
	now := time.Now()
	return &Session{
		id:        id,
		server:    s,
		conn:      conn,
		remote:    conn.RemoteAddr().String(),
		peer:      peer,
		since:     now,
		lastWrite: now,
		received:  now,
		slots:     make(chan struct{}, s.config.MaxInFlight),
		extra:     make(chan struct{}, unsolicitedQueue),
		queue:     make(chan outgoing, s.config.MaxInFlight+unsolicitedQueue),
		quit:      make(chan struct{}),
		flush:     make(chan struct{}),
		dead:      make(chan struct{}),
	}
}

// Remote is the peer's address as text.
func (s *Session) Remote() string { return s.remote }

// Done is closed when the connection is.
func (s *Session) Done() <-chan struct{} { return s.dead }

// Close ends the connection at once. Messages in flight are finished unanswered.
func (s *Session) Close() { s.kill(ReasonOperator) }

// Send queues an unsolicited message. After an error of kind fault.Unavailable the connection has ended or its queue
// is full; after an error of the codec the message does not fit the dialect. No error means queued, not delivered.
func (s *Session) Send(m *iso.Message) error {
	frame, err := s.server.codec.Frame(m, s.lastTPDU())
	if err != nil {
		return err
	}
	return s.sendFrame(frame)
}

// SendPayload is Send for packed bytes, which are framed and sent unchanged. The network's simulator sends its
// corrupted answers with it.
func (s *Session) SendPayload(payload []byte) error {
	frame, err := s.server.codec.FramePayload(payload, s.lastTPDU())
	if err != nil {
		return fmt.Errorf("iso server %s: send: %w", s.server.config.Name, err)
	}
	return s.sendFrame(frame)
}

// sendFrame queues an unsolicited frame.
func (s *Session) sendFrame(frame *sealed.Frame) error {
	select {
	case s.extra <- struct{}{}:
	default:
		return fault.New(fault.Unavailable, "iso server %s: the queue of %s is full", s.server.config.Name, s.remote)
	}
	if !s.enqueue(outgoing{frame: frame}) {
		<-s.extra
		return fault.New(fault.Unavailable, "iso server %s: %s has gone", s.server.config.Name, s.remote)
	}
	return nil
}

// info describes the session to an operator.
func (s *Session) info() SessionInfo {
	info := SessionInfo{
		ID:       s.id,
		Remote:   s.remote,
		Since:    s.since,
		Messages: s.messages.Load(),
		InFlight: int(s.inFlight.Load()),
	}
	if seen := s.lastSeen.Load(); seen != 0 {
		info.LastSeen = time.Unix(0, seen)
	}
	return info
}

// run serves the connection from its first byte to its end.
func (s *Session) run() {
	defer s.server.forget(s)
	written := make(chan struct{})
	go func() {
		defer close(written)
		defer s.brokeOff()
		s.write()
	}()
	reason := s.readOn()
	s.because(reason)
	if reason == ReasonReadFailed {
		s.kill(reason)
	}
	s.linger()
	s.endQueue()
	<-written
	s.kill(reason)
	s.server.counts.end(s.why())
}

// readOn reads until the connection ends, or a panic ends it.
func (s *Session) readOn() (reason Reason) {
	reason = ReasonBug
	defer s.brokeOff()
	return s.read()
}

// brokeOff, deferred, closes the connection after a panic, since its reader or writer is gone. Messages that have
// been read are finished.
func (s *Session) brokeOff() {
	if cause := recover(); cause != nil {
		s.bug("a bug ended a connection", cause)
		s.kill(ReasonBug)
	}
}

// linger waits until the messages in flight are answered, the connection is closed, or the linger timeout is over.
func (s *Session) linger() {
	idle := make(chan struct{})
	go func() {
		s.handlers.Wait()
		close(idle)
	}()
	timer := time.NewTimer(s.server.config.LingerTimeout)
	defer timer.Stop()
	select {
	case <-idle:
	case <-s.dead:
	case <-timer.C:
	}
}

// drain stops reading; messages that have been read are still answered.
func (s *Session) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		return
	}
	s.draining.Store(true)
	close(s.quit)
	_ = s.conn.SetReadDeadline(time.Unix(1, 0)) // wakes the reader; fails only on a closed connection
}

// kill closes the connection at once.
func (s *Session) kill(reason Reason) {
	s.because(reason)
	s.drain()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.killed {
		return
	}
	s.killed = true
	close(s.dead)
	_ = s.conn.Close() // everything to be written has been, or cannot be
}

// because keeps the first reason for ending the connection.
func (s *Session) because(reason Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == "" {
		s.reason = reason
	}
}

// why returns the reason for which the connection ended.
func (s *Session) why() Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason
}
