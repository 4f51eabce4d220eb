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

// Bounds of a search by staff: of how long a time, and how many payments it tells of.
const (
	LongestSearch = 31 * 24 * time.Hour
	MostFound     = 50
)

// Wanted says which payments staff look for: those of a terminal of an agency with a STAN (1 to 6 digits) that were received
// from Since until Until.
type Wanted struct {
	Agency         int32
	Terminal, STAN string
	Since, Until   time.Time
}

// check refuses what cannot be looked for, and writes the STAN as messages carry it.
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

// errEnough ends a search that has found as many as it tells of.
var errEnough = errors.New("there are more")

// FindPayments tells of the payments that are wanted, the earliest first, and whether there are more than it tells of. It goes through the
// time stretch by stretch, so that a busy month costs the database no long statement. Wrong input is fault.Invalid; nothing found is no error.
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
			if !slices.Contains(keys, k) { // Two stretches have a moment in common.
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

// misreadJalali is a day of the month that F13 names where it has the month of the Jalali calendar: some terminals count so.
func misreadJalali(at time.Time) calendar.Date {
	today := calendar.DateOf(at)
	_, month, _ := today.Jalali()
	shown, err := calendar.Nearest(fmt.Sprintf("%02d15", month), today)
	if err != nil {
		return today
	}
	return shown
}
