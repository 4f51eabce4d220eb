package switching

import (
	"cmp"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// sale is a payment that a terminal makes. Its F12 and F13 are those of its first message.
type sale struct {
	habits
	stan  string
	units int64 // of 1,000 rial
	pan   identity.PAN
	ahead time.Duration // of the terminal's clock
	lead  time.Duration // from its F12 to its F7
	off   bool          // its date is half a year off, and the year of that changes at the first midnight
	began time.Time     // zero: nothing was sent yet
}

func (s *sale) total() money.Rial { return money.Rial(s.units * 1000) }

// newSales are the payments of a schedule. The first and the last have one STAN, which restarted in between, and so was the clock set.
func newSales(card identity.PAN) []*sale {
	all := []*sale{{stan: "000001"}, {stan: "100001", off: true}, {stan: "000001", ahead: 4*time.Minute + 17*time.Second, lead: 20 * time.Second}}
	for _, s := range all {
		s.units, s.pan = 1000, card
	}
	return all
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
	case how > byAll && (s.off || a.at.Sub(s.began) <= sameMoment+time.Second || a.made.Sub(a.about) < time.Second):
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
	s := w.sales[number]
	r := &Purchase{
		Identity: w.original(number),
		Repeat:   repeat, Amount: s.total(), Card: Card{PAN: s.pan}, Content: Content{Operation: "000000", Currency: "364", Text: "SVC004FORM"},
	}
	r.Tariff.Service, r.Tariff.Units = "FORM", s.units
	return r
}

// naming is how a message about a payment names it.
func (w *world) naming(a *ask) (original payment.Identity, sent, own string) {
	s := w.sales[a.payment]
	original = w.original(a.payment)
	message, zone := w.identity(a.payment, a.made), tehran
	if a.how == byLocal {
		zone = 0
	}
	own = stampOf(message.Clock().Add(a.at.Sub(a.made) - zone))
	if a.how != byIdentity {
		sent = stampOf(original.Clock().Add(s.lead + a.about.Sub(s.began) - zone))
	}
	switch {
	case s.untimed:
		sent = ""
	case s.copies:
		sent = own
	}
	if a.how == byTime || a.how == byLocal {
		original = message
	}
	original.Acquirer, original.Acceptor = cmp.Or(s.acquirer, original.Acquirer), cmp.Or(s.acceptor, original.Acceptor)
	return original, sent, own
}

// makes says when a message about a payment is made, which F12 has, and which sending of the request F90 means. It is made after that.
func (w *world) makes(a *ask) {
	s := w.sales[a.payment]
	a.about, a.made = s.began, a.at.Add(-s.made)
	for _, other := range w.asks {
		if other != a && s.moves && other.requests(a.payment) {
			a.about = other.at
		}
	}
	if after := a.about.Add(time.Second + max(0, -s.lead)); s.made > 0 && a.made.Before(after) {
		a.made = after
	}
	if a.made.After(a.at) && s.made > 0 {
		a.made = a.at
	}
	for _, other := range w.asks {
		if s.keeps && other != a && other.payment == a.payment && other.what == a.what {
			a.made = other.made
			break
		}
	}
}

// meets says that a tombstone which a message leaves is where its original comes: under its F12, or under F90's time.
func (w *world) meets(a *ask) bool {
	said, _, _ := w.naming(a)
	s, request := w.sales[a.payment], w.original(a.payment)
	if said.Acquirer != request.Acquirer || said.Acceptor != request.Acceptor {
		return false
	}
	return said == request || a.timed(s) && w.exact(a)
}

// exact says that F90's time is the F12 of the request.
func (w *world) exact(a *ask) bool {
	s := w.sales[a.payment]
	return s.lead == 0 && a.about.Sub(s.began) < time.Second
}

// timed says that F90 has the time of the request.
func (a *ask) timed(s *sale) bool { return a.how != byIdentity && !s.untimed && !s.copies }
