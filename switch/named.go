package switching

import (
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// What may lie between two words about the time of one request.
const (
	// sameMoment is between the F7 and the F12 of a message, which are read from one clock.
	sameMoment = 2 * time.Second
	// sameRequest is the same where a terminal takes F12 when the payer begins.
	sameRequest = time.Minute
	// zoneStep is what time zones differ by, those that are set wrongly included.
	zoneStep = 30 * time.Minute
)

// clockZones are how far the clock of a terminal may be before what it calls UTC: Tehran's, Tehran's summer time as devices of before 1401
// still have it, and none where F7 is written in local time.
var clockZones = [...]time.Duration{210 * time.Minute, 270 * time.Minute, 0}

// named is a payment as far as a message about it names it.
type named struct {
	original Identity   // F12 and F13 are the original's, or the message's own; the STAN is F90's
	sent     string     // F90's time, MMDDhhmmss: the original's F7; "" if it is not known
	own      string     // F7 of the message itself
	amount   money.Rial // 0: not named
	card     identity.PAN
}

// certain reports whether F12 and F13 are the original's. Terminals in the field write those of the message itself, so they are held against
// F90's time, to the second: a message may follow its original at once. Where that time is not known, or is the message's own, they are held
// against the message's F7, near which those of the original prove nothing.
func (n named) certain(now time.Time) bool {
	if sent, err := instant(n.sent, now); err == nil && n.sent != n.own {
		return inAnyZone(n.original.clock().Sub(sent), 0)
	}
	own, err := instant(n.own, now)
	return err != nil || !inAnyZone(n.original.clock().Sub(own), sameRequest)
}

// exactly reports whether a request with that F12 and F13 was sent at F90's time.
func (n named) exactly(i Identity, now time.Time) bool {
	sent, err := instant(n.sent, now)
	return err == nil && inAnyZone(i.clock().Sub(sent), sameMoment)
}

// fits reports whether a request with that F12 and F13 may be the one that was sent at F90's time, whatever the zone of either.
func (n named) fits(i Identity, now time.Time) bool {
	sent, err := instant(n.sent, now)
	if err != nil {
		return false
	}
	apart := i.clock().Sub(sent) % zoneStep
	return apart.Abs() <= sameRequest || zoneStep-apart.Abs() <= sameRequest
}

// bySent are the identities of a request that left at F90's time, one for each zone that the terminal's clock may be in; none if that time is
// not known.
func (n named) bySent(now time.Time) (all []Identity) {
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

func inAnyZone(ahead, slack time.Duration) bool {
	for _, zone := range clockZones {
		if (ahead - zone).Abs() <= slack {
			return true
		}
	}
	return false
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
	return day.Time().Add(time.Duration(secondOf(stamp[4:])) * time.Second), nil
}
