package server

import (
	"errors"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
	"treasury-switch/security/mac"
)

// verdict is the result of reading a message.
type verdict struct {
	faults    iso.Faults
	untrusted bool
}

// receive unpacks one message and starts its handling. A reason other than "" means that the stream is out of step.
func (s *Session) receive(payload []byte, tpdu iso.TPDU) Reason {
	m := new(iso.Message)
	err := s.server.codec.Open(payload, m)
	if sealed.Unreadable(err) {
		s.server.warn("message is not ISO 8583", "remote", s.remote, "bytes", len(payload))
		return ReasonUnparsable
	}
	found := verdict{
		faults:    s.server.codec.Faults(err, m, s.server.config.Direction),
		untrusted: errors.Is(err, mac.ErrMismatch),
	}
	s.messages.Add(1)
	s.server.counts.messages.Add(1)
	s.received = time.Now()
	s.lastSeen.Store(s.received.UnixNano())
	if s.server.config.Framing.Kind == iso.Length2TPDU {
		s.mu.Lock()
		s.tpdu = tpdu.Answer()
		s.mu.Unlock()
	}

	s.inFlight.Add(1)
	s.handlers.Add(1)
	s.server.handlers.Add(1)
	go s.serve(m, tpdu.Answer(), found, s.received)
	return ""
}

// serve makes the answer to one message and queues it.
func (s *Session) serve(m *iso.Message, tpdu iso.TPDU, found verdict, received time.Time) {
	defer s.server.handlers.Done()
	defer s.handlers.Done()
	defer s.inFlight.Add(-1)
	frame, code := s.answer(m, tpdu, found)
	if frame == nil {
		<-s.slots
		return
	}
	if !s.enqueue(outgoing{frame: frame, answer: true}) {
		s.server.counts.undeliverable.Add(1)
		<-s.slots
	}
	if s.server.config.Observe != nil {
		s.outlive(m, func() { s.server.config.Observe(m, code, time.Since(received)) })
	}
}

// outlive does part of the work on a message and reports whether it was completed. A panic in it does not affect the
// connection or other messages.
func (s *Session) outlive(m *iso.Message, work func()) (done bool) {
	defer func() {
		if cause := recover(); cause != nil {
			s.bug("handling a message panicked", cause, "mti", m.MTI, "stan", m.Get(iso.FieldSTAN), "terminal", m.Get(iso.FieldTerminal))
		}
	}()
	work()
	return true
}

// bug counts and logs a panic recovered by the deferred function that calls it.
func (s *Session) bug(text string, cause any, args ...any) {
	bug := fault.Panicked(cause)
	args = append([]any{"server", s.server.config.Name, "remote", s.remote, "error", bug, "stack", bug.Places}, args...)
	s.server.config.Logger.Error(text, args...)
	s.server.counts.panics.Add(1)
}

// answer calls the message's handler and packs its answer. A nil frame means no answer.
func (s *Session) answer(m *iso.Message, tpdu iso.TPDU, found verdict) (frame *sealed.Frame, code string) {
	var answer *iso.Message
	var err error
	done := s.outlive(m, func() {
		if answer = s.handle(m, found); answer != nil {
			frame, err = s.server.codec.Frame(answer, tpdu)
		}
	})
	switch {
	case done && answer == nil:
		return nil, ""
	case done && err == nil:
		return frame, answer.Get(codeField)
	case done:
		s.server.counts.unpackable.Add(1)
		s.server.warn("an answer does not fit the dialect", "remote", s.remote, "mti", answer.MTI, "error", err)
	}
	return s.broken(m, tpdu)
}

// broken answers a message whose handling panicked. If that panics as well there is no answer, which promises as
// little.
func (s *Session) broken(m *iso.Message, tpdu iso.TPDU) (frame *sealed.Frame, code string) {
	var refusal *iso.Message
	var err error
	done := s.outlive(m, func() {
		if refusal = s.refuse(m, s.server.config.Broken(m), nil); refusal != nil {
			frame, err = s.server.codec.Frame(refusal, tpdu)
		}
	})
	if !done || refusal == nil {
		return nil, ""
	}
	if err != nil {
		s.server.warn("not even a refusal fits the dialect", "remote", s.remote, "mti", m.MTI, "error", err)
		return nil, ""
	}
	return frame, refusal.Get(codeField)
}

// handle counts the faults of a message and runs its handler.
func (s *Session) handle(m *iso.Message, found verdict) *iso.Message {
	if len(found.faults) > 0 {
		s.server.counts.malformed.Add(1)
	}
	if found.untrusted {
		s.server.counts.untrusted.Add(1)
	}
	return s.route(m, found)
}

// route selects the handler. A malformed message is refused before its MAC counts; a well-formed one with a refused
// value (12, 13, 14) only after it.
func (s *Session) route(m *iso.Message, found verdict) *iso.Message {
	config, ctx := &s.server.config, s.server.context
	code := found.faults.Code()
	switch {
	case found.untrusted && code != iso.RC30FormatError && config.Untrusted != nil:
		return config.Untrusted(ctx, s, m)
	case found.untrusted && code != iso.RC30FormatError:
		return s.refuse(m, iso.RC63SecurityViolation, nil)
	case len(found.faults) > 0 && config.Malformed != nil:
		return config.Malformed(ctx, s, m, found.faults)
	case len(found.faults) > 0:
		return s.refuse(m, code, found.faults)
	}
	return config.Handler(ctx, s, m)
}

// refuse is Refuse in the server's dialect.
func (s *Session) refuse(m *iso.Message, code iso.Code, faults iso.Faults) *iso.Message {
	return Refuse(s.server.config.Dialect, m, code, faults)
}
