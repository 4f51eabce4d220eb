package switching

import (
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// What may lie between two words about the time of one request.
const (
	// sameMoment is between the F7 and the F12 of a message, which are read from one clock, one after the other.
	sameMoment = 2 * time.Second
	// sameRequest is how long before its F7 a terminal may have taken the F12 of a message: when the payer began, or before it dialled.
	sameRequest = time.Minute
	// sameSending is how long before it should have been a request may have been received: as much as it travels less than what names it.
	sameSending = 10 * time.Second
	// zoneStep is what time zones differ by, those that are set wrongly included.
	zoneStep = 30 * time.Minute
)

// clockZones are how far the clock of a terminal may be before what it calls UTC: Tehran's, Tehran's summer time as devices of before 1401
// still have it, and none where F7 is written in local time.
var clockZones = [...]time.Duration{210 * time.Minute, 270 * time.Minute, 0}

// named is a payment as far as a message about it names it.
type named struct {
	original payment.Identity // F12 and F13 are the original's, or the message's own; the STAN is F90's
	sent     string           // F90's time, MMDDhhmmss: the original's F7; "" if it is not known
	own      string           // F7 of the message itself
	amount   money.Rial       // 0: not named
	card     *[16]byte        // token of the card number; nil: not named
	at       time.Time        // when the message was received
}

// whose says whose time F12 and F13 of a message are. Terminals in the field write that of the message itself.
type whose uint8

const (
	ofMessage  whose = iota // its own, or of no known clock
	ofEither                // it came within seconds of its original, and they may be of both
	ofOriginal              // those of its original, as far as clocks tell: read twice, or when the payer began, or not the message's own
	ofF90                   // those of its original: F90's time to the second
)

// whose holds F12 and F13 against F90's time and against the F7 of the message. A date in another calendar does not change whose the time is.
// Where F90 has no time of its own, they are the original's only if they are older than the message by what no zone makes.
func (n named) whose(now time.Time) whose {
	local := n.original.Clock()
	sent, failed := instant(n.sent, now)
	own, unknown := instant(n.own, now)
	if failed != nil || n.sent == n.own {
		if ahead := overZones(local.Sub(own)); unknown == nil && (ahead < zoneStep/2 || ahead >= zoneStep-sameRequest) {
			return ofMessage
		}
		return ofOriginal
	}
	atOwn := unknown == nil && onAnyDay(local.Sub(own), sameMoment, sameMoment)
	switch {
	case inAnyZone(local.Sub(sent), 0, 0) && !atOwn:
		return ofF90
	case !onAnyDay(local.Sub(sent), sameRequest, sameMoment):
		return ofMessage
	case unknown != nil || onAnyDay(local.Sub(own), sameRequest, sameMoment):
		return ofEither
	}
	return ofOriginal
}

// meant is when the original was received: as long before the message as it was sent before it by the terminal's clock, whatever that shows; false
// if the message does not say so.
func (n named) meant(now time.Time) (time.Time, bool) {
	sent, err := instant(n.sent, now)
	own, unknown := instant(n.own, now)
	gap := own.Sub(sent)
	return n.at.Add(-gap), !n.at.IsZero() && err == nil && unknown == nil && n.sent != n.own && gap >= 0 && gap <= aDay
}

// receipts are about when the original was received: when it is meant to have been; and at F90's time, in UTC or, from a terminal that writes local
// time into F7, in Tehran's. Where F90 has no time of its own, when F12 and F13 say, if they are the original's.
func (n named) receipts(now time.Time) (all []time.Time) {
	if !n.timed(now) && n.whose(now) == ofOriginal {
		all = n.atF12(now)
	}
	utc, err := instant(n.sent, now)
	if err != nil {
		return all
	}
	if at, known := n.meant(now); known {
		all = append(all, at)
	}
	_, ahead := utc.In(calendar.Tehran).Zone()
	for _, one := range [...]time.Time{utc, utc.Add(-time.Duration(ahead) * time.Second)} {
		if !slices.ContainsFunc(all, func(other time.Time) bool { return one.Sub(other).Abs() < sameRequest }) {
			all = append(all, one)
		}
	}
	return all
}

// timed reports whether F90 has a time of its own, that of the original.
func (n named) timed(now time.Time) bool {
	_, err := instant(n.sent, now)
	return err == nil && n.sent != n.own
}

// atF12 are about when the original was received if F12 and F13 are the original's: as long before the message as they are before its F7, in each
// zone.
func (n named) atF12(now time.Time) (all []time.Time) {
	own, err := instant(n.own, now)
	if err != nil {
		own = n.at
	}
	for _, zone := range clockZones {
		all = append(all, n.at.Add(-own.Sub(n.original.Clock().Add(-zone))))
	}
	return all
}

// follows reports whether a payment that only fits may be the original: it was not received before that can have been. Another payer's with the
// same STAN was.
func (n named) follows(p *payment.Payment, now time.Time) bool {
	at, known := n.meant(now)
	return known && !p.OpenedAt.Before(at.Add(-sameSending))
}

// longBefore reports whether a payment was received so long before the original can have been that it is another, whatever its F12.
func (n named) longBefore(p *payment.Payment, now time.Time) bool {
	at, known := n.meant(now)
	return known && p.OpenedAt.Before(at.Add(-receiptWindow))
}

// exactly reports whether a request with that F12 and F13, which was received about F90's time, was sent at it.
func (n named) exactly(i payment.Identity, now time.Time) bool {
	if i.LocalTime == n.original.LocalTime {
		return true // The message has its F12, and names it otherwise in something else.
	}
	sent, err := instant(n.sent, now)
	return err == nil && onAnyDay(i.Clock().Sub(sent), sameMoment, sameMoment)
}

// fits reports whether a request with that F12 and F13 may be the one that was sent at F90's time, whatever the zone of either, and the
// calendar of F13.
func (n named) fits(i payment.Identity, now time.Time) bool {
	sent, err := instant(n.sent, now)
	if err != nil {
		return false
	}
	ahead := overZones(i.Clock().Sub(sent))
	return ahead <= sameMoment || ahead >= zoneStep-sameRequest
}

// bySent are the identities of a request that left at F90's time, one for each zone that the terminal's clock may be in; none if that time is
// not known.
func (n named) bySent(now time.Time) (all []payment.Identity) {
	sent, err := instant(n.sent, now)
	if err != nil {
		return nil
	}
	for _, zone := range clockZones {
		i, local := n.original, sent.Add(zone)
		i.LocalDate, i.LocalTime = calendar.FromDB(local), local.Format("150405")
		all = append(all, i)
	}
	return all
}

// inAnyZone reports whether a local time that is so far ahead of another time agrees with it in a zone: no more than so much before or after
// it.
func inAnyZone(ahead, before, after time.Duration) bool {
	for _, zone := range clockZones {
		if d := ahead - zone; -before <= d && d <= after {
			return true
		}
	}
	return false
}

// onAnyDay is the same whatever the two dates.
func onAnyDay(ahead, before, after time.Duration) bool {
	ahead %= aDay
	return inAnyZone(ahead, before, after) || inAnyZone(ahead+aDay, before, after) || inAnyZone(ahead-aDay, before, after)
}

// overZones is how far a local time is ahead of another time beyond whole steps of zones, in whichever of them: from 0 up to a step.
func overZones(ahead time.Duration) time.Duration {
	if ahead %= zoneStep; ahead < 0 {
		ahead += zoneStep
	}
	return ahead
}

// instant is a time MMDDhhmmss in UTC, in the year that brings it nearest to now.
func instant(stamp string, now time.Time) (time.Time, error) {
	if len(stamp) != 10 {
		return time.Time{}, fault.New(fault.Invalid, "time %q: want MMDDhhmmss", stamp)
	}
	day, err := calendar.Nearest(stamp[:4], calendar.FromDB(now.UTC()))
	if err != nil {
		return time.Time{}, err
	}
	return day.Time().Add(time.Duration(payment.SecondOf(stamp[4:])) * time.Second), nil
}
