package switching

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/switch/payment"
)

// flipDays is how many days after its original a repeat, a reversal or an inquiry is still matched although the year
// of F13 has changed in between.
const flipDays = 31

// otherYear returns the identity that a message had if it was received some days earlier, before the year that brings
// its F13 nearest to receipt changed. Only a terminal whose clock is half a year off has one.
func otherYear(i payment.Identity, received time.Time) (payment.Identity, bool) {
	day, changed := calendar.OtherYear(i.LocalDate, calendar.DateOf(received), flipDays)
	i.LocalDate = day
	return i, changed
}

// flippedSince reports whether the year of a message's F13 changed at a midnight less than that long ago.
func flippedSince(i payment.Identity, received time.Time, ago time.Duration) bool {
	today := calendar.DateOf(received)
	nights := int(today - calendar.DateOf(received.Add(-ago)))
	_, changed := calendar.OtherYear(i.LocalDate, today, nights)
	return nights > 0 && changed
}

// inItsYear returns the request's identity with the year under which its payment is stored. F13 has no year, and the
// nearest to receipt changes at a midnight for a terminal whose clock is half a year off, so that its repeat would
// become another payment. Both years are searched where both are possible, and nowhere else. known is false if the
// payments cannot be read, or if the year has changed just now and the original may not be recorded yet; the answer
// is then 09.
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
