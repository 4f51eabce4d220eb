package server

import (
	"bufio"
	"errors"
	"io"
	"os"
	"time"

	"treasury-switch/iso"
)

// readAhead is the size of the read buffer of a connection: some twenty messages.
const readAhead = 8 << 10

// read reads messages and starts their handling until the connection ends or can no longer be trusted, and returns
// why.
func (s *Session) read() Reason {
	in := bufio.NewReaderSize(s.conn, readAhead)
	frames := iso.NewReader(in, s.server.config.Framing)
	var buffer []byte
	for {
		if !s.takeSlot() {
			return ReasonDrained
		}
		payload, tpdu, err := s.readFrame(in, frames, buffer)
		if err != nil {
			return s.readReason(err)
		}
		buffer = payload
		if reason := s.receive(payload, tpdu); reason != "" {
			return reason
		}
	}
}

// takeSlot waits for room for one more message in flight; false if no more is to be read. While it waits nothing is
// read, which slows the sender down.
func (s *Session) takeSlot() bool {
	select {
	case s.slots <- struct{}{}:
		return true
	default:
	}
	s.waiting = false // the deadline for a frame may pass while reading pauses
	select {
	case s.slots <- struct{}{}:
		s.received = time.Now()
		return true
	case <-s.quit:
		return false
	}
}

// Errors that readFrame adds to those of the connection and of package iso.
var (
	errDraining  = errors.New("nothing more is read")
	errIdle      = errors.New("nothing was received for the idle time")
	errSlowFrame = errors.New("the frame was not finished in time")
)

// readFrame reads the next frame with a message. Where keep-alives are agreed on they are skipped, though not for
// longer than the connection may be idle: one that sends nothing else is idle.
func (s *Session) readFrame(in *bufio.Reader, frames *iso.Reader, buffer []byte) ([]byte, iso.TPDU, error) {
	for {
		payload, tpdu, err := s.nextFrame(in, frames, buffer)
		if !s.server.config.KeepAlive || !errors.Is(err, iso.ErrKeepAlive) {
			return payload, tpdu, err
		}
		s.server.counts.keepAlives.Add(1)
		if s.idleLeft() <= 0 {
			return nil, tpdu, errIdle
		}
	}
}

// nextFrame waits for a frame's first byte for the idle timeout, and then for the rest of it for the read timeout:
// the whole frame has one deadline, so that trickling bytes do not keep it open. A frame that has arrived whole needs
// none.
func (s *Session) nextFrame(in *bufio.Reader, frames *iso.Reader, buffer []byte) ([]byte, iso.TPDU, error) {
	if in.Buffered() == 0 {
		if err := s.awaitByte(in); err != nil {
			return nil, iso.TPDU{}, err
		}
	}
	ahead, _ := in.Peek(in.Buffered()) // these are buffered
	if s.draining.Load() || !s.server.config.Framing.Whole(ahead) && !s.arm(s.server.config.ReadTimeout) {
		return nil, iso.TPDU{}, errDraining
	}
	payload, tpdu, err := frames.ReadFrame(buffer)
	switch {
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF // a first byte had come
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = errSlowFrame
	}
	return payload, tpdu, err
}

// awaitByte waits for the first byte of a frame. A connection with messages in flight is not idle, nor one that was
// written to lately. It keeps the deadline of an earlier wait, because moving it for every message costs more than
// checking the clock when it has passed.
func (s *Session) awaitByte(in *bufio.Reader) error {
	if !s.waiting {
		wait := s.idleLeft()
		if wait <= 0 {
			return errIdle
		}
		if !s.arm(wait) {
			return errDraining
		}
	}
	for {
		s.waiting = true
		_, err := in.Peek(1)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		wait := s.idleLeft()
		if wait <= 0 {
			return errIdle
		}
		if !s.arm(wait) {
			return errDraining
		}
	}
}

// idleLeft returns how much longer the connection may be silent.
func (s *Session) idleLeft() time.Duration {
	if s.inFlight.Load() > 0 {
		return s.server.config.IdleTimeout
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.lastWrite
	if s.received.After(last) {
		last = s.received
	}
	return s.server.config.IdleTimeout - time.Since(last)
}

// arm sets the read deadline, unless the session is draining: then the deadline with which drain wakes the reader
// must stay.
func (s *Session) arm(d time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
	if s.draining.Load() {
		return false
	}
	return s.conn.SetReadDeadline(time.Now().Add(d)) == nil
}

// readReason maps a read error to the reason for ending the connection.
func (s *Session) readReason(err error) Reason {
	switch {
	case s.draining.Load():
		return ReasonDrained
	case errors.Is(err, io.EOF):
		return ReasonPeer
	case errors.Is(err, errIdle):
		return ReasonIdle
	}
	reason := ReasonReadFailed
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		reason = ReasonHalfFrame
	case errors.Is(err, errSlowFrame):
		reason = ReasonSlowFrame
	case errors.Is(err, iso.ErrFrameTooLong), errors.Is(err, iso.ErrEmptyFrame), errors.Is(err, iso.ErrFrameLength):
		reason = ReasonFrameLength
	}
	s.server.warn("reading from a connection failed", "remote", s.remote, "reason", reason, "error", err)
	return reason
}
