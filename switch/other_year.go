package switching

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// flipDays is how many days a repeat, a reversal or a question may come after its original for it to be found although the year of F13 has
// changed since.
const flipDays = 31

// otherYear is the identity that a message had if it was received some days earlier, before the year that brings its F13 nearest to receipt
// changed. Only a terminal whose clock is half a year off has one.
func otherYear(i payment.Identity, received time.Time) (payment.Identity, bool) {
	day, changed := calendar.OtherYear(i.LocalDate, calendar.DateOf(received), flipDays)
	i.LocalDate = day
	return i, changed
}

// flippedSince reports whether the year of a message's F13 has changed at a midnight that is less than so long ago.
func flippedSince(i payment.Identity, received time.Time, ago time.Duration) bool {
	today := calendar.DateOf(received)
	nights := int(today - calendar.DateOf(received.Add(-ago)))
	_, changed := calendar.OtherYear(i.LocalDate, today, nights)
	return nights > 0 && changed
}

// inItsYear is the identity of a request with the year under which its payment stands: F13 has none, and the one that is nearest to receipt
// changes at a midnight for a terminal whose clock is half a year off, so that its repeat would be another payment. Both years are looked under
// where both are possible, and nowhere else. known is false where that cannot be said: the payments cannot be read, or the year has changed just
// now and the original may be on its way to the tables. 09 is the answer then.
func (s *Switch) inItsYear(ctx context.Context, agency int32, i payment.Identity, got receipt) (in payment.Identity, known bool) {
	other, possible := otherYear(i, got.at)
	if !possible {
		return i, true
	}
	limited, cancel := got.within(context.WithoutCancel(ctx), s.cfg.Timers.SendBefore)
	defer cancel()
	for _, under := range []payment.Identity{i, other} {
		k := s.key(agency, under)
		if s.flights.of(k) != nil {
			return under, true
		}
		p, err := s.Store.Payment(limited, k)
		switch {
		case err == nil && got.at.Sub(p.OpenedAt) <= (flipDays+1)*24*time.Hour:
			return under, true
		case err != nil && !fault.Is(err, fault.NotFound):
			s.Log.Error("payment not looked for under another year", "terminal", i.Terminal, "error", err)
			return i, false
		}
	}
	return i, !flippedSince(i, got.at, s.cfg.Timers.Switch)
}
