package server

import (
	"errors"
	"os"
	"runtime"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
)

// writeBatch is how many bytes of queued answers go into one write.
const writeBatch = 32 << 10

// outgoing is one frame to write, an answer or an unsolicited message. Until it is written it holds a slot in slots
// or extra.
type outgoing struct {
	frame  *sealed.Frame
	answer bool
}

// enqueue hands a frame to the writer and reports whether it was accepted. It never blocks, because every sender
// holds a slot in slots or extra.
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

// write writes queued frames until the queue or the connection ends. Frames that are queued together leave in one
// write.
func (s *Session) write() {
	b := batch{bytes: make([]byte, 0, writeBatch/8)}
	for {
		first, ok := s.next()
		if !ok {
			s.discard()
			return
		}
		s.gather(&b, first)
		err := s.flushOut(b.bytes)
		clear(b.bytes)
		if err != nil {
			s.server.warn("writing to a connection failed", "remote", s.remote, "error", err)
			s.kill(writeReason(err))
			s.lose(&b)
			s.discard()
			return
		}
		s.server.counts.answers.Add(b.answers)
		s.giveBack(&b)
	}
}

// next waits for a frame; false if no more will come.
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
	bytes          []byte
	answers, extra uint64
}

// add appends one frame.
func (b *batch) add(out outgoing) {
	b.bytes = out.frame.AppendTo(b.bytes)
	out.frame.Release()
	b.count(out)
}

// count notes whose slot the frame holds.
func (b *batch) count(out outgoing) {
	if out.answer {
		b.answers++
	} else {
		b.extra++
	}
}

// gather puts the first frame and those queued after it into a batch. It yields once before the write: answers that
// are released together, as by a shared commit, leave together in one system call.
func (s *Session) gather(b *batch, first outgoing) {
	*b = batch{bytes: b.bytes[:0]}
	b.add(first)
	runtime.Gosched()
	for len(b.bytes) < writeBatch {
		select {
		case out := <-s.queue:
			b.add(out)
		default:
			return
		}
	}
}

// giveBack frees the slots of a batch.
func (s *Session) giveBack(b *batch) {
	for range b.answers {
		<-s.slots
	}
	for range b.extra {
		<-s.extra
	}
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
func (s *Session) lose(b *batch) {
	s.server.counts.undeliverable.Add(b.answers)
	s.giveBack(b)
}

// discard counts the answers left in the queue of an ended connection.
func (s *Session) discard() {
	for {
		select {
		case out := <-s.queue:
			var one batch
			one.count(out)
			s.lose(&one)
		default:
			return
		}
	}
}

// writeReason tells a slow reader from a broken connection.
func writeReason(err error) Reason {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ReasonWriteTimeout
	}
	return ReasonWriteFailed
}

// lastTPDU returns the header for an unsolicited message.
func (s *Session) lastTPDU() iso.TPDU {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tpdu
}
