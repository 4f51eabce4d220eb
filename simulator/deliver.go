package simulator

import (
	"cmp"
	"sync"
	"time"

	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// deliver sends a decision's answer as the card and the current faults want it. The
// server sends the returned answer at once; nil means that it was sent otherwise or
// not at all.
func (s *Simulator) deliver(session *server.Session, scope Scope, d decision) *iso.Message {
	if d.answer == nil || s.tampered(session, scope, d) || d.how == never {
		return nil
	}
	what, delay, way := s.faults.deal(scope)
	if what == healthy && d.how == late {
		what, delay = delayed, s.config.Late
	}
	if what == healthy && d.how == twice {
		what = duplicated
	}
	switch what {
	case dropped:
		return nil
	case disconnected:
		session.Close()
		return nil
	case corrupted:
		s.spoil(session, d.answer, way)
		return nil
	case misaddressed:
		if !s.misaddress(session, d.answer, way) {
			return nil
		}
	case delayed:
		s.later(session, d, cmp.Or(delay, s.config.Late))
		return nil
	case duplicated:
		if session.Send(d.answer) == nil {
			s.noteAnswer(d)
		}
	}
	s.noteAnswer(d)
	return d.answer
}

// tampered reports whether the embedding program deals with the answer.
func (s *Simulator) tampered(session *server.Session, scope Scope, d decision) bool {
	if s.config.Tamper == nil {
		return false
	}
	return s.config.Tamper(scope, d.answer, func(m *iso.Message) {
		// An answer to a connection that has gone is lost.
		if session.Send(m) == nil && m == d.answer {
			s.noteAnswer(d)
		}
	})
}

// noteAnswer writes into the book that a faithful answer left.
func (s *Simulator) noteAnswer(d decision) {
	if d.key != (requestKey{}) {
		s.book.answered(d.key, s.config.Now())
	}
}

// later sends an answer after a delay, if the connection is still open then and the
// bound of waiting answers is not reached; otherwise the answer is lost.
func (s *Simulator) later(session *server.Session, d decision, delay time.Duration) {
	s.delays.add(s.config.After, delay, func() {
		if session.Send(d.answer) == nil {
			s.noteAnswer(d)
		}
	})
}

// maxWaiting bounds the answers that wait to be sent late.
const maxWaiting = 65_536

// delays are the answers that wait for their time.
type delays struct {
	mu      sync.Mutex
	closed  bool
	last    int64
	stops   map[int64]func() bool
	running sync.WaitGroup
}

// add runs f after a delay, unless close comes first.
func (w *delays) add(after func(time.Duration, func()) func() bool, delay time.Duration, f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.stops) >= maxWaiting {
		return
	}
	if w.stops == nil {
		w.stops = make(map[int64]func() bool)
	}
	w.last++
	id := w.last
	w.running.Add(1)
	w.stops[id] = after(delay, func() {
		defer w.running.Done()
		w.mu.Lock()
		delete(w.stops, id)
		w.mu.Unlock()
		f()
	})
}

// waiting is the number of answers that wait.
func (w *delays) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.stops)
}

// close cancels the waiting answers and returns when those under way are sent.
func (w *delays) close() {
	w.mu.Lock()
	w.closed = true
	for _, stop := range w.stops {
		if stop() {
			w.running.Done()
		}
	}
	w.stops = nil
	w.mu.Unlock()
	w.running.Wait()
}
