package switching

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/switch/payment"
)

// sale is a payment that a terminal makes. Its F12 and F13 are those of its first message.
type sale struct {
	stan  string
	ahead time.Duration // of the terminal's clock
	lead  time.Duration // from its F12 to its F7
	off   bool          // its date is half a year off, and the year of that changes at the first midnight
	began time.Time     // zero: nothing was sent yet
}

// newSales are the payments of a schedule. The first and the last have one STAN, which restarted in between, and so was the clock set.
func newSales() []*sale {
	return []*sale{{stan: "000001"}, {stan: "100001", off: true}, {stan: "000001", ahead: 4*time.Minute + 17*time.Second, lead: 20 * time.Second}}
}

// How a reversal or an inquiry names its original.
const (
	byIdentity = iota // by F12 and F13 of the original; F90 has no time
	byAll             // by these and F90's time
	byTime            // by F90's time; F12 and F13 are the message's own
	byLocal           // the same, of a terminal that writes local time into F7
)

// tehran is how far its clocks are before UTC.
const tehran = 210 * time.Minute

var howNames = [...]string{"by its F12 and F13", "by its F12 and F13, and F90's time", "by F90's time alone", "by F90's time alone, which is local"}

// names is how a message may name its original: what is half a year off is not looked for by its time, that of a reversal is UTC, and no
// terminal gives its request up within a moment.
func (w *world) names(a *ask, how int) int {
	s := w.sales[a.payment]
	switch {
	case how > byAll && (s.off || a.at.Sub(s.began) <= sameMoment+time.Second):
		return byAll
	case how == byLocal && a.undoes():
		return byTime
	}
	return how
}

// clock is what the terminal's clock shows, as if it were UTC.
func (s *sale) clock(at time.Time) time.Time {
	return at.Add(s.ahead + tehran).UTC().Truncate(time.Second)
}

// date is F13 of a payment whose terminal is half a year off, with the year in which its channel takes it at the time of receipt.
func (w *world) date() calendar.Date {
	today := calendar.DateOf(modelBegin)
	for away := -184; ; away++ {
		_, month, day := today.Add(away).Gregorian()
		mmdd := time.Date(2000, month, day, 0, 0, 0, 0, time.UTC).Format("0102")
		before, _ := calendar.Nearest(mmdd, today)
		if after, _ := calendar.Nearest(mmdd, today.Add(1)); before != after {
			now, _ := calendar.Nearest(mmdd, calendar.DateOf(w.time()))
			return now
		}
	}
}

// identity is that of a message which the terminal of a payment makes at a time.
func (w *world) identity(number int, at time.Time) payment.Identity {
	s := w.sales[number]
	clock := s.clock(at)
	i := payment.Identity{Acquirer: "581672061", Acceptor: acceptor, Terminal: "10100001", STAN: s.stan,
		LocalDate: calendar.FromDB(clock), LocalTime: clock.Format("150405")}
	if s.off {
		i.LocalDate = w.date()
	}
	return i
}

// original is the identity of a payment's request.
func (w *world) original(number int) payment.Identity {
	s := w.sales[number]
	return w.identity(number, s.began.Add(-s.lead))
}

// request is the payment's 0200, as the terminal sends it each time.
func (w *world) request(number int, repeat bool) *Purchase {
	r := &Purchase{
		Identity: w.original(number),
		Repeat:   repeat, Amount: 1_000_000, Card: Card{PAN: w.card}, Content: Content{Operation: "000000", Currency: "364", Text: "SVC004FORM"},
	}
	r.Tariff.Service, r.Tariff.Units = "FORM", 1000
	return r
}

// naming is how a message about a payment names it.
func (w *world) naming(a *ask) (original payment.Identity, sent, own string) {
	original = w.original(a.payment)
	message, zone := w.identity(a.payment, a.at), tehran
	if a.how == byLocal {
		zone = 0
	}
	if a.how != byIdentity {
		sent, own = stampOf(original.Clock().Add(w.sales[a.payment].lead-zone)), stampOf(message.Clock().Add(-zone))
	}
	if a.how == byTime || a.how == byLocal {
		original = message
	}
	return original, sent, own
}
