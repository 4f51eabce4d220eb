package switching

import (
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
)

// Tolerances between two times that belong to one request.
const (
	// sameMoment is between the F7 and the F12 of a message, read from one clock one after the other.
	sameMoment = 2 * time.Second
	// sameRequest is how long before its F7 a terminal may have taken a message's F12: when the payer began, or
	// before it dialled.
	sameRequest = time.Minute
	// sameSending is how much earlier than computed a request may have been received, because the message that names
	// it travelled longer.
	sameSending = 10 * time.Second
	// zoneStep is the step between time zones, wrongly set ones included.
	zoneStep = 30 * time.Minute
)

// clockZones are the offsets of a terminal's clock from what it takes for UTC: Tehran's time, Tehran's summer time on
// devices from before 1401, and none where F7 is written in local time.
var clockZones = [...]time.Duration{210 * time.Minute, 270 * time.Minute, 0}

// named is a payment as a message about it names it.
type named struct {
	original payment.Identity // F12 and F13 are the original's or the message's own; the STAN is F90's
	sent     string           // F90's time, MMDDhhmmss: the original's F7; "" if unknown
	own      string           // the message's own F7
	amount   money.Rial       // 0: not named
	card     *[16]byte        // token of the card number; nil: not named
	at       time.Time        // when the message was received
}

// whose tells to which message F12 and F13 belong. Terminals in the field write the message's own time.
type whose uint8

const (
	ofMessage  whose = iota // the message's own, or of no known clock
	ofEither                // sent within seconds of its original: may be either
	ofOriginal              // the original's, as far as clocks tell: read twice, or when the payer began, or not the message's own
	ofF90                   // the original's: F90's time to the second
)

// whose compares F12 and F13 with F90's time and with the message's F7. A date in another calendar makes no
// difference. If F90 has no time of its own, they are the original's only if no time zone explains how much older
// they are than the message.
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

// meant returns when the original was received: as long before this message as the terminal's clock puts between the
// two, whatever that clock shows; false if the message does not tell.
func (n named) meant(now time.Time) (time.Time, bool) {
	sent, err := instant(n.sent, now)
	own, unknown := instant(n.own, now)
	gap := own.Sub(sent)
	return n.at.Add(-gap), !n.at.IsZero() && err == nil && unknown == nil && n.sent != n.own && gap >= 0 && gap <= aDay
}

// receipts returns the times about which the original was received: the computed one, and F90's time in UTC or, for a
// terminal that writes local time into F7, in Tehran's. If F90 has no time of its own: the times that F12 and F13
// give, if they are the original's.
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

// timed reports whether F90 has a time of its own, the original's.
func (n named) timed(now time.Time) bool {
	_, err := instant(n.sent, now)
	return err == nil && n.sent != n.own
}

// atF12 returns the times about which the original was received if F12 and F13 are the original's: as long before the
// message as they are before its F7, in each zone.
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

// follows reports whether a payment with a fitting time may be the original: it was not received earlier than the
// original can have been. An earlier one is another payer's with the same STAN.
func (n named) follows(p *payment.Payment, now time.Time) bool {
	at, known := n.meant(now)
	return known && !p.OpenedAt.Before(at.Add(-sameSending))
}

// longBefore reports whether a payment was received so long before the original that it is another, whatever its F12.
func (n named) longBefore(p *payment.Payment, now time.Time) bool {
	at, known := n.meant(now)
	return known && p.OpenedAt.Before(at.Add(-receiptWindow))
}

// exactly reports whether a request with that F12 and F13, received about F90's time, was sent at that time.
func (n named) exactly(i payment.Identity, now time.Time) bool {
	if i.LocalTime == n.original.LocalTime {
		return true // the message carries the original's F12, and differs in another part of the name
	}
	sent, err := instant(n.sent, now)
	return err == nil && onAnyDay(i.Clock().Sub(sent), sameMoment, sameMoment)
}

// fits reports whether a request with that F12 and F13 may have been sent at F90's time, in any zone and either
// calendar of F13.
func (n named) fits(i payment.Identity, now time.Time) bool {
	sent, err := instant(n.sent, now)
	if err != nil {
		return false
	}
	ahead := overZones(i.Clock().Sub(sent))
	return ahead <= sameMoment || ahead >= zoneStep-sameRequest
}

// bySent returns the identities of a request sent at F90's time, one per zone of the terminal's clock; none if that
// time is unknown.
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

// inAnyZone reports whether a local time that is ahead of another time agrees with it in some zone, within before and
// after.
func inAnyZone(ahead, before, after time.Duration) bool {
	for _, zone := range clockZones {
		if d := ahead - zone; -before <= d && d <= after {
			return true
		}
	}
	return false
}

// onAnyDay is inAnyZone whatever the two dates.
func onAnyDay(ahead, before, after time.Duration) bool {
	ahead %= aDay
	return inAnyZone(ahead, before, after) || inAnyZone(ahead+aDay, before, after) || inAnyZone(ahead-aDay, before, after)
}

// overZones returns how far a local time is ahead of another time beyond whole zone steps: from 0 up to one step.
func overZones(ahead time.Duration) time.Duration {
	if ahead %= zoneStep; ahead < 0 {
		ahead += zoneStep
	}
	return ahead
}

// instant reads MMDDhhmmss as UTC, in the year nearest to now.
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
