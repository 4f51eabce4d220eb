package network

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
	"treasury-switch/security/mac"
)

// unreadableInARow is how many frames without a readable message type and bitmap are skipped before the stream counts
// as out of step. One corrupted message must not cost all others in flight their answers.
const unreadableInARow = 8

// intake is the reading side of a session.
type intake struct {
	*session
	in       *bufio.Reader
	frames   *iso.Reader
	received time.Time // when the last frame had been processed
	waiting  bool      // the current read deadline is for the start of a frame
}

// read takes in messages until the connection ends.
func (s *session) read() {
	defer s.brokeOff()
	in := bufio.NewReaderSize(s.conn, 16<<10)
	r := &intake{session: s, in: in, frames: iso.NewReader(in, s.link.config.Framing), received: time.Now()}
	var buffer []byte
	for unreadable := 0; unreadable < unreadableInARow; {
		payload, tpdu, err := r.frame(buffer)
		if err != nil {
			s.kill(fmt.Errorf("reading: %w", err))
			return
		}
		buffer = payload
		if s.receive(payload, tpdu) {
			unreadable = 0
		} else {
			unreadable++
		}
		r.received = time.Now() // delivering an event may have taken its time
	}
	s.kill(errors.New("the network's messages cannot be read"))
}

// frame reads the next frame with a message. Where keep-alives are agreed on they are skipped, though not for longer
// than the network may be silent: an answered echo shows life, an empty frame does not.
func (r *intake) frame(buffer []byte) ([]byte, iso.TPDU, error) {
	for {
		payload, tpdu, err := r.next(buffer)
		if !r.link.config.KeepAlive || !errors.Is(err, iso.ErrKeepAlive) {
			return payload, tpdu, err
		}
		r.link.totals.keepAlives.Add(1)
		if r.left() <= 0 {
			return nil, tpdu, fmt.Errorf("nothing but keep-alives: %w", os.ErrDeadlineExceeded)
		}
	}
}

// next waits for a frame's first byte until too many echoes are missed, and then for the rest of it for the read
// timeout. A frame that has arrived whole needs no deadline.
func (r *intake) next(buffer []byte) ([]byte, iso.TPDU, error) {
	config := &r.link.config
	if r.in.Buffered() == 0 {
		if err := r.await(); err != nil {
			return nil, iso.TPDU{}, err
		}
	}
	if ahead, _ := r.in.Peek(r.in.Buffered()); !config.Framing.Whole(ahead) {
		r.waiting = false
		if err := r.conn.SetReadDeadline(time.Now().Add(config.ReadTimeout)); err != nil {
			return nil, iso.TPDU{}, err
		}
	}
	return r.frames.ReadFrame(buffer)
}

// left is how much longer the network may be silent.
func (r *intake) left() time.Duration {
	config := &r.link.config
	return time.Duration(config.EchoMisses+1)*(config.EchoInterval+config.EchoTimeout) - time.Since(r.received)
}

// await waits for the first byte of a frame. It keeps the deadline of an earlier wait, because moving it for every
// message costs more than checking the clock when it has passed.
func (r *intake) await() error {
	for {
		if !r.waiting {
			if err := r.conn.SetReadDeadline(time.Now().Add(max(0, r.left()))); err != nil {
				return err
			}
		}
		r.waiting = true
		_, err := r.in.Peek(1)
		if !errors.Is(err, os.ErrDeadlineExceeded) || r.left() <= 0 {
			return err
		}
		r.waiting = false
	}
}

// receive processes one message and reports whether it could be read at all.
func (s *session) receive(payload []byte, tpdu iso.TPDU) bool {
	m := new(iso.Message)
	err := s.link.codec.Open(payload, m)
	if sealed.Unreadable(err) {
		s.tell(Event{Kind: Untrusted, Message: m, Err: err})
		return false
	}
	faults := s.link.codec.Faults(err, m, iso.FromNetwork)
	wrongMAC := errors.Is(err, mac.ErrMismatch)
	switch {
	case m.MTI.IsAnswer() && (wrongMAC || len(faults) > 0):
		s.distrust(m, errors.Join(faults.Err(), err))
	case m.MTI.IsAnswer():
		s.match(m)
	case wrongMAC:
		s.tell(Event{Kind: Untrusted, Message: m, Err: err})
	default:
		s.requested(m, tpdu, faults)
	}
	return true
}

// match delivers an answer to the request that waits for it, whichever link sent that, or makes it an event.
func (s *session) match(m *iso.Message) {
	e := Event{Kind: Unmatched}
	if key, ok := KeyOf(m); ok {
		e = s.link.pool.table.answer(key, m)
	}
	if e.Kind != 0 {
		e.Message = m
		s.tell(e)
	}
}

// distrust records an untrusted answer and makes it an event. Its request goes on waiting: a forged answer must not
// keep out the true one.
func (s *session) distrust(m *iso.Message, why error) {
	if key, ok := KeyOf(m); ok {
		s.link.pool.table.distrust(key)
	}
	s.tell(Event{Kind: Untrusted, Message: m, Err: why})
}

// tell delivers an event of this session.
func (s *session) tell(e Event) {
	e.Link = s.link.config.Name
	e.At = s.link.pool.config.Now()
	s.link.pool.events.put(e)
}
