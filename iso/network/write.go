package network

import (
	"fmt"
	"runtime"
	"time"

	"treasury-switch/iso/sealed"
)

// writeBatch is how many bytes of queued messages go into one write.
const writeBatch = 32 << 10

// outgoing is a frame to write: a request in flight, or an answer to the network.
type outgoing struct {
	frame    *sealed.Frame
	exchange *exchange // nil for an answer
}

// write writes what is queued until the session ends.
func (s *session) write() {
	defer s.brokeOff()
	buffer := make([]byte, 0, writeBatch)
	for {
		first, ok := s.next()
		if !ok {
			return
		}
		buffer = s.gather(buffer[:0], first)
		if len(buffer) == 0 {
			continue
		}
		err := s.flushOut(buffer)
		clear(buffer)
		if err != nil {
			s.kill(fmt.Errorf("writing: %w", err))
			return
		}
	}
}

// next waits for something to write, urgent messages first; false when the session is over.
func (s *session) next() (outgoing, bool) {
	select {
	case out := <-s.urgent:
		return out, true
	case <-s.dead:
		return outgoing{}, false
	default:
	}
	select {
	case out := <-s.urgent:
		return out, true
	case out := <-s.normal:
		return out, true
	case <-s.dead:
		return outgoing{}, false
	case <-s.flush:
		select {
		case out := <-s.urgent:
			return out, true
		default:
			return outgoing{}, false
		}
	}
}

// gather appends the first frame and those queued after it. It yields once before the write: requests that are
// released together, as by a shared commit, leave together in one system call.
func (s *session) gather(buffer []byte, first outgoing) []byte {
	runtime.Gosched()
	buffer = s.add(buffer, first)
	for len(buffer) < writeBatch {
		select {
		case out := <-s.urgent:
			buffer = s.add(buffer, out)
			continue
		default:
		}
		select {
		case out := <-s.normal:
			buffer = s.add(buffer, out)
		default:
			return buffer
		}
	}
	return buffer
}

// add appends a frame, if it may still be sent. From here on an exchange counts as sent: the write that follows may
// fail, but it will have been called.
func (s *session) add(buffer []byte, out outgoing) []byte {
	defer out.frame.Release()
	if x := out.exchange; x != nil && !s.begin(x) {
		return buffer
	}
	return out.frame.AppendTo(buffer)
}

// begin marks an exchange as sent. It is false if the caller has given it up, or if its time to be sent has passed,
// which ends it. A node that was paused, or whose lane was taken over, must not debit a card after others have begun
// to rely on that: the check is as close to write as possible.
func (s *session) begin(x *exchange) bool {
	if x.sendBefore.IsZero() || time.Now().Before(x.sendBefore) {
		if x.stage.CompareAndSwap(queued, sent) {
			s.link.totals.sent.Add(1)
			return true
		}
		return false
	}
	if x.stage.CompareAndSwap(queued, abandoned) {
		s.link.pool.table.remove(x)
		x.done <- result{err: notSent(s.link.config.Name, x.key, "its time to be sent has passed")}
	}
	return false
}

// flushOut writes bytes within the write timeout. After an error it is unknown how many of them have arrived, so none
// of them is ever written again.
func (s *session) flushOut(bytes []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.link.config.WriteTimeout)); err != nil {
		return err
	}
	_, err := s.conn.Write(bytes)
	return err
}
