package network

import (
	"context"
	"fmt"
	"time"

	"treasury-switch/iso"
)

// admit queues a request on the link's connection. An error is ErrNotSent, and also errRefused if another link may be
// tried.
func (l *link) admit(ctx context.Context, key Key, m *iso.Message, sendBefore time.Time) (*exchange, error) {
	if ctx.Err() != nil {
		return nil, notSent(l.config.Name, key, "the caller waits no longer: %v", ctx.Err())
	}
	s, err := l.enroll(key)
	if err != nil {
		return nil, err
	}
	x, err := s.queueRequest(key, m, sendBefore)
	if err != nil {
		l.release()
		return nil, err
	}
	return x, nil
}

// enroll counts one more request in flight and returns the connection for it.
func (l *link) enroll(key Key) (*session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var why string
	switch {
	case l.session == nil || l.state != Ready || l.session.stay.Err() != nil:
		why = "it is " + l.state.String()
	case l.inFlight >= l.config.MaxInFlight:
		why = fmt.Sprintf("%d requests are in flight", l.inFlight)
	default:
		l.inFlight++
		return l.session, nil
	}
	l.totals.notSent.Add(1)
	return nil, notSent(l.config.Name, key, "%w: %s", errRefused, why)
}

// release counts one request less in flight.
func (l *link) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	if l.inFlight > 0 {
		return
	}
	select {
	case l.idle <- struct{}{}:
	default:
	}
}

// queueRequest packs a request, enters it in the table and hands it to the writer.
func (s *session) queueRequest(key Key, m *iso.Message, sendBefore time.Time) (*exchange, error) {
	l := s.link
	frame, err := l.codec.Frame(m, iso.TPDU{})
	if err != nil {
		l.totals.notSent.Add(1)
		return nil, notSent(l.config.Name, key, "%w", err)
	}
	x := s.newExchange(key, m, sendBefore)
	if !l.pool.table.add(x) {
		frame.Release()
		l.totals.notSent.Add(1)
		l.pool.config.Logger.Error("a request was refused because its key is in flight",
			"link", l.config.Name, "mti", m.MTI, "key", key)
		return nil, notSent(l.config.Name, key, "%w", ErrDuplicate)
	}
	select {
	case s.normal <- outgoing{frame: frame, exchange: x}:
		return x, nil
	default:
		l.pool.table.remove(x)
		frame.Release()
		l.totals.notSent.Add(1)
		return nil, notSent(l.config.Name, key, "%w: its queue is full", errRefused)
	}
}

// finish waits for the end of a queued request and counts it.
func (l *link) finish(ctx context.Context, x *exchange) (*iso.Message, error) {
	defer l.release()
	began := time.Now()
	answer, err := x.session.wait(ctx, x, l.config.AnswerTimeout)
	switch {
	case err == nil:
		l.totals.answered.Add(1)
		l.totals.roundTrips.add(time.Since(began))
	case x.stage.Load() == abandoned:
		l.totals.notSent.Add(1)
	default:
		l.totals.unanswered.Add(1)
	}
	return answer, err
}
