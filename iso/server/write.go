package server

import (
	"errors"
	"os"
	"time"

	"treasury-switch/iso"
)

// writeBatch is how many bytes of waiting answers are put into one write.
const writeBatch = 32 << 10

// outgoing is one frame to write, and the place it holds until it is written.
type outgoing struct {
	frame   []byte
	release chan struct{}
	answer  bool
}

// enqueue hands a frame to the writer and says whether it was taken. It never
// blocks, because every sender holds a place in slots or extra.
func (s *Session) enqueue(out outgoing) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.killed {
		return false
	}
	s.queue <- out
	return true
}

// endQueue lets the writer finish what is queued and stop.
func (s *Session) endQueue() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	close(s.flush)
}

// write writes queued frames until the queue ends or the connection does. Frames
// that are waiting together leave in one write.
func (s *Session) write() {
	buffer := make([]byte, 0, writeBatch/8)
	for {
		first, ok := s.next()
		if !ok {
			s.discard()
			return
		}
		batch := s.gather(buffer[:0], first)
		buffer = batch.bytes
		if err := s.flushOut(batch.bytes); err != nil {
			s.server.warn("writing to a connection failed", "remote", s.remote, "error", err)
			s.kill(writeReason(err))
			s.lose(batch)
			s.discard()
			return
		}
		s.server.counts.answers.Add(batch.answers)
		for _, place := range batch.places {
			<-place
		}
	}
}

// next waits for a frame; false means that none will come.
func (s *Session) next() (outgoing, bool) {
	select {
	case out := <-s.queue:
		return out, true
	default:
	}
	select {
	case out := <-s.queue:
		return out, true
	case <-s.dead:
		return outgoing{}, false
	case <-s.flush:
		select {
		case out := <-s.queue:
			return out, true
		default:
			return outgoing{}, false
		}
	}
}

// batch is what leaves in one write.
type batch struct {
	bytes   []byte
	places  []chan struct{}
	answers uint64
}

// add appends one frame.
func (b *batch) add(out outgoing) {
	b.bytes = append(b.bytes, out.frame...)
	b.places = append(b.places, out.release)
	if out.answer {
		b.answers++
	}
}

// gather puts the first frame and those that already wait behind it into one batch.
func (s *Session) gather(buffer []byte, first outgoing) batch {
	b := batch{bytes: buffer}
	b.add(first)
	for len(b.bytes) < writeBatch {
		select {
		case out := <-s.queue:
			b.add(out)
		default:
			return b
		}
	}
	return b
}

// flushOut writes bytes within the write timeout.
func (s *Session) flushOut(bytes []byte) error {
	now := time.Now()
	if err := s.conn.SetWriteDeadline(now.Add(s.server.config.WriteTimeout)); err != nil {
		return err
	}
	if _, err := s.conn.Write(bytes); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastWrite = now
	return nil
}

// lose counts the answers of a batch that could not be written.
func (s *Session) lose(b batch) {
	s.server.counts.undeliverable.Add(b.answers)
	for _, place := range b.places {
		<-place
	}
}

// discard counts the answers that are left in the queue of an ended connection.
func (s *Session) discard() {
	for {
		select {
		case out := <-s.queue:
			s.lose(batch{places: []chan struct{}{out.release}, answers: btoi(out.answer)})
		default:
			return
		}
	}
}

// btoi counts one for true.
func btoi(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// writeReason tells a slow reader from a broken connection.
func writeReason(err error) Reason {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ReasonWriteTimeout
	}
	return ReasonWriteFailed
}

// lastTPDU returns the header for a message that answers nothing.
func (s *Session) lastTPDU() iso.TPDU {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tpdu
}
