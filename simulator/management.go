package simulator

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// Network management codes (F70).
const (
	signOn  = "001"
	signOff = "002"
	cutOver = "201"
	echo    = "301"
)

// links are the connections that are signed on.
type links struct {
	signedOn sync.Map // *server.Session, no value
	watchers sync.WaitGroup
}

// add signs a connection on until it is removed or ends.
func (l *links) add(session *server.Session) {
	if _, already := l.signedOn.LoadOrStore(session, struct{}{}); already {
		return
	}
	l.watchers.Go(func() {
		<-session.Done()
		l.signedOn.Delete(session)
	})
}

// has reports whether a connection is signed on.
func (l *links) has(session *server.Session) bool {
	_, on := l.signedOn.Load(session)
	return on
}

// list returns the connections that are signed on.
func (l *links) list() []*server.Session {
	var all []*server.Session
	l.signedOn.Range(func(key, _ any) bool {
		all = append(all, key.(*server.Session))
		return true
	})
	return all
}

// manage answers a network management message.
func (s *Simulator) manage(session *server.Session, m *iso.Message) *iso.Message {
	code := iso.RC00Approved
	switch m.Get(iso.FieldManagement) {
	case signOn:
		s.links.add(session)
	case signOff:
		s.links.signedOn.Delete(session)
	case echo:
	default:
		code = iso.RC12InvalidTransaction
	}
	answer := &iso.Message{MTI: m.MTI.Answer()}
	s.dialect.Echo(answer, m, iso.FieldTransmission, iso.FieldSTAN, iso.FieldLocalTime, iso.FieldLocalDate, iso.FieldManagement)
	answer.Set(iso.FieldCode, string(code))
	answer.Set(iso.FieldReceiver, s.config.Institution)
	return answer
}

// CutOver is what a cut-over did.
type CutOver struct {
	Day  calendar.Date `json:"day"`
	Told int           `json:"told"` // connections that were sent the 0800/201
	Lost int           `json:"lost"` // connections that could not be
}

// dayTable is the business day and the numbers of the simulator's own messages.
type dayTable struct {
	mu   sync.Mutex // orders cut-overs
	day  atomic.Int32
	stan atomic.Int64
	last atomic.Pointer[shownDay]
}

// Day is the current business day, F15 of every answer made now.
func (s *Simulator) Day() calendar.Date { return calendar.Date(s.days.day.Load()) }

// CutOver begins a business day, the next one if day is zero, and sends 0800 with
// F70 201 and the new F15 to every connection that is signed on. A day that is not
// later than the current one is fault.Conflict.
func (s *Simulator) CutOver(_ context.Context, day calendar.Date) (CutOver, error) {
	s.days.mu.Lock()
	defer s.days.mu.Unlock()
	current := s.Day()
	if day.IsZero() {
		day = current.Add(1)
	}
	if day <= current {
		return CutOver{}, fault.New(fault.Conflict, "cut-over to %s: the business day is %s already", day, current)
	}
	s.days.day.Store(int32(day))
	done := CutOver{Day: day}
	for _, session := range s.links.list() {
		if session.Send(s.cutOverMessage(day)) != nil {
			done.Lost++
			continue
		}
		done.Told++
	}
	s.config.Logger.Info("cut over", "day", day.String(), "told", done.Told, "lost", done.Lost)
	return done, nil
}

// cutOverMessage is the 0800 that announces a business day.
func (s *Simulator) cutOverMessage(day calendar.Date) *iso.Message {
	now := s.config.Now()
	local := now.In(calendar.Tehran)
	m := &iso.Message{MTI: iso.MTINetwork}
	m.Set(iso.FieldTransmission, now.UTC().Format("0102150405"))
	m.Set(iso.FieldSTAN, fmt.Sprintf("%06d", 1+(s.days.stan.Add(1)-1)%999_999))
	m.Set(iso.FieldLocalTime, local.Format("150405"))
	m.Set(iso.FieldLocalDate, local.Format("0102"))
	m.Set(iso.FieldSettlement, mmdd(day))
	m.Set(iso.FieldForwarder, s.config.Institution)
	m.Set(iso.FieldManagement, cutOver)
	return m
}

// mmdd is a day as F13 and F15 carry it.
func mmdd(day calendar.Date) string { return day.Time().Format("0102") }

// shownDay is a day with its text.
type shownDay struct {
	day  calendar.Date
	text string
}

// shown is mmdd of a day, kept for the next answer, which is mostly of the same day.
func (d *dayTable) shown(day calendar.Date) string {
	last := d.last.Load()
	if last == nil || last.day != day {
		last = &shownDay{day, mmdd(day)}
		d.last.Store(last)
	}
	return last.text
}
