package network

import (
	"context"
	"fmt"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// request sends an 0800 and waits for its answer.
func (s *session) request(ctx context.Context, code string) (*iso.Message, error) {
	m := s.link.management(code)
	key, _ := KeyOf(m) // complete: it has just been built
	frame, err := s.link.codec.Frame(m, iso.TPDU{})
	if err != nil {
		return nil, err
	}
	x := s.newExchange(key, m, time.Time{})
	if !s.link.pool.table.add(x) {
		frame.Release()
		return nil, notSent(s.link.config.Name, key, "%w", ErrDuplicate)
	}
	select {
	case s.urgent <- outgoing{frame: frame, exchange: x}:
	default:
		s.link.pool.table.remove(x)
		frame.Release()
		return nil, notSent(s.link.config.Name, key, "the queue of management messages is full")
	}
	return s.wait(ctx, x, s.link.config.EchoTimeout)
}

// management builds an 0800 of ours.
func (l *link) management(code string) *iso.Message {
	trace := iso.NewTrace(l.pool.config.Now(), iso.STANField(int(l.pool.managementSTAN())))
	m := &iso.Message{MTI: iso.MTINetwork}
	m.Set(iso.FieldTransmission, trace.Transmission)
	m.Set(iso.FieldSTAN, trace.STAN)
	m.Set(iso.FieldLocalTime, trace.LocalTime)
	m.Set(iso.FieldLocalDate, trace.LocalDate)
	m.Set(iso.FieldForwarder, l.config.Institution)
	m.Set(iso.FieldManagement, code)
	return m
}

// signOn signs the connection on; the network may refuse.
func (s *session) signOn() error {
	answer, err := s.request(s.stay, iso.FunctionSignOn)
	if err != nil {
		return fmt.Errorf("signing on: %w", err)
	}
	if code := iso.Code(answer.Get(iso.FieldCode)); code != iso.RC00Approved {
		return fault.New(fault.Unavailable, "signing on: the network answered %s", code)
	}
	return nil
}

// requested serves a request of the network. Malformed ones get 30, management codes that are not served 12; requests
// of other classes become events, and so do reversals even if they are malformed: they concern somebody's money.
func (s *session) requested(m *iso.Message, tpdu iso.TPDU, faults iso.Faults) {
	switch {
	case faults.Code() == iso.RC30FormatError && m.MTI.Class() != iso.MTIReversal.Class():
		s.reply(m, tpdu, iso.RC30FormatError)
	case m.MTI.Class() != iso.MTINetwork.Class():
		reply := func(answer *iso.Message) error { return s.send(answer, tpdu.Answer()) }
		s.tell(Event{Kind: Unserved, Message: m, Err: faults.Err(), Reply: reply})
	case len(faults) > 0:
		s.reply(m, tpdu, faults.Code())
	default:
		s.managed(m, tpdu)
	}
}

// managed serves a well-formed 0800.
func (s *session) managed(m *iso.Message, tpdu iso.TPDU) {
	switch m.Get(iso.FieldManagement) {
	case iso.FunctionEcho, iso.FunctionSignOn:
		s.reply(m, tpdu, iso.RC00Approved)
	case iso.FunctionSignOff:
		s.link.enter(Draining, nil) // before the answer, so that nothing new is sent after it
		s.reply(m, tpdu, iso.RC00Approved)
		s.leave(errSignedOff)
		s.tell(Event{Kind: SignedOff, Message: m})
	case iso.FunctionCutOver:
		if !m.Has(iso.FieldSettlement) {
			s.reply(m, tpdu, iso.RC30FormatError)
			return
		}
		s.tell(Event{Kind: CutOver, Message: m, Day: m.Get(iso.FieldSettlement)})
		s.reply(m, tpdu, iso.RC00Approved)
	case iso.FunctionCutOverDone:
		s.tell(Event{Kind: CutOverEnd, Message: m, Day: m.Get(iso.FieldSettlement)})
		s.reply(m, tpdu, iso.RC00Approved)
	default:
		s.reply(m, tpdu, iso.RC12InvalidTransaction)
	}
}

// reply answers a request of the network with a code.
func (s *session) reply(m *iso.Message, tpdu iso.TPDU, code iso.Code) {
	answer := &iso.Message{MTI: m.MTI.Answer()}
	s.link.config.Dialect.Echo(answer, m, iso.FieldTransmission, iso.FieldSTAN, iso.FieldLocalTime, iso.FieldLocalDate, iso.FieldManagement)
	answer.Set(iso.FieldCode, string(code))
	receiver := s.link.config.Network
	if from := m.Get(iso.FieldForwarder); from != "" {
		receiver = from
	}
	if receiver != "" {
		answer.Set(iso.FieldReceiver, receiver)
	}
	if err := s.send(answer, tpdu.Answer()); err != nil {
		s.link.pool.config.Logger.Warn("a request of the network was not answered",
			"link", s.link.config.Name, "mti", m.MTI, "error", err)
	}
}

// send queues an answer to the network.
func (s *session) send(answer *iso.Message, tpdu iso.TPDU) error {
	frame, err := s.link.codec.Frame(answer, tpdu)
	if err != nil {
		return err
	}
	select {
	case <-s.dead:
		return s.lost()
	default:
	}
	select {
	case s.urgent <- outgoing{frame: frame}:
		return nil
	default:
		return fault.New(fault.Unavailable, "network link %s: the queue of management messages is full", s.link.config.Name)
	}
}

// ready enters the state in which requests are taken, and reports it. If the network has signed the link off at once,
// the link is Draining already and stays so.
func (l *link) ready() {
	l.mu.Lock()
	if l.state == Connected {
		l.state, l.since = Ready, l.pool.config.Now()
	}
	l.mu.Unlock()
	l.pool.config.Logger.Info("network link is signed on", "link", l.config.Name)
	l.pool.events.put(Event{Kind: SignedOn, Link: l.config.Name, At: l.pool.config.Now()})
}

// busy reports whether requests are in flight.
func (l *link) busy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.inFlight > 0
}
