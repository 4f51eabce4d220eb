package switching

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/switch/payment"
)

// Bounds of a search by staff: the longest period, and the most payments returned.
const (
	LongestSearch = 31 * 24 * time.Hour
	MostFound     = 50
)

// Wanted selects the payments that staff look for: those with this STAN (1 to 6 digits) from a terminal of an agency,
// received from Since to Until.
type Wanted struct {
	Agency         int32
	Terminal, STAN string
	Since, Until   time.Time
}

// check validates the search and pads the STAN to six digits, as messages carry it.
func (w *Wanted) check() error {
	switch {
	case !digits.Only(w.STAN) || len(w.STAN) > 6:
		return fault.New(fault.Invalid, "STAN %q: want 1 to 6 digits", w.STAN)
	case !w.Since.Before(w.Until):
		return fault.New(fault.Invalid, "the time to look through ends before it begins")
	case w.Until.Sub(w.Since) > LongestSearch:
		return fault.New(fault.Invalid, "look through %d days at most", int(LongestSearch.Hours())/24)
	}
	w.STAN = strings.Repeat("0", 6-len(w.STAN)) + w.STAN
	return nil
}

// errEnough ends a search that has found as many payments as it returns.
var errEnough = errors.New("there are more")

// FindPayments returns the matching payments, the earliest first; more reports whether there are others. It searches
// in stretches of time, so that a busy month needs no long statement. Wrong input is fault.Invalid; finding nothing
// is not an error.
func FindPayments(ctx context.Context, db postgres.Querier, w Wanted) (found []payment.Payment, more bool, err error) {
	if err := w.check(); err != nil {
		return nil, false, err
	}
	if err := (tables{db}).summarise(ctx); err != nil {
		return nil, false, err
	}
	var keys []payment.Key
	err = stretches(ctx, w.Since, w.Until, 0, func(from, to time.Time) error {
		some, err := (tables{db}).received(ctx, sought{agency: w.Agency, terminal: w.Terminal, stan: w.STAN, since: from, until: to,
			day: misreadJalali(from), most: MostFound + 1})
		for _, k := range some {
			if !slices.Contains(keys, k) { // The end of a stretch is also the start of the next.
				keys = append(keys, k)
			}
		}
		if err == nil && len(keys) > MostFound {
			return errEnough
		}
		return err
	}, func(_, _ time.Time) error { return nil })
	if more = errors.Is(err, errEnough); err != nil && !more {
		return nil, false, fmt.Errorf("look for payments of terminal %s with STAN %s: %w", w.Terminal, w.STAN, err)
	}
	for _, k := range keys[:min(len(keys), MostFound)] {
		p, err := payment.Load(ctx, db, k)
		if err != nil {
			return nil, false, err
		}
		found = append(found, p)
	}
	slices.SortFunc(found, func(a, b payment.Payment) int { return cmp.Compare(a.OpenedAt.UnixMicro(), b.OpenedAt.UnixMicro()) })
	return found, more, nil
}

// misreadJalali is a day of the month that F13 seems to name if a terminal writes it in the Jalali calendar, as some do.
func misreadJalali(at time.Time) calendar.Date {
	today := calendar.DateOf(at)
	_, month, _ := today.Jalali()
	shown, err := calendar.Nearest(fmt.Sprintf("%02d15", month), today)
	if err != nil {
		return today
	}
	return shown
}
