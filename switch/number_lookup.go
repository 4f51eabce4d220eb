package switching

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// agencyOfSerial finds the agency that a serial of a day was given to.
func agencyOfSerial(ctx context.Context, db DB, day calendar.Date, serial int32) (agency int32, err error) {
	err = db.QueryRow(ctx, `
		SELECT agency FROM number_block
		 WHERE day = $1 AND first <= $2 AND first + size > $2`, day.Time(), serial).Scan(&agency)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fault.New(fault.NotFound, "no payment has serial %d of %s", serial, day.JalaliString())
	}
	if err != nil {
		return 0, fmt.Errorf("find the agency of serial %d of %s: %w", serial, day.JalaliString(), err)
	}
	return agency, nil
}

// agencyOfTombstone finds the agency of a tombstone by its number: no range leads to it, so every agency is asked. Unlike the numbers of
// payments these may meet by chance (fault.Conflict); no money is in either.
func agencyOfTombstone(ctx context.Context, db DB, day calendar.Date, serial int32) (int32, error) {
	rows, err := db.Query(ctx, `
		SELECT p.agency FROM agency a CROSS JOIN LATERAL (SELECT agency FROM payment WHERE agency = a.code AND rrn = $1 LIMIT 2) p LIMIT 2`,
		int64(NewRRN(day, serial))+tombstoneDays*serialsPerDay)
	var found []int32
	if err == nil {
		found, err = pgx.CollectRows(rows, pgx.RowTo[int32])
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("find the agency of tombstone %d of %s: %w", serial, day.JalaliString(), err)
	case len(found) == 0:
		return 0, fault.New(fault.NotFound, "no reversal before its original has number %d of %s", serial, day.JalaliString())
	case len(found) > 1:
		return 0, fault.New(fault.Conflict, "two messages of %s about payments that never came have number %d: no money was moved by either",
			day.JalaliString(), serial)
	}
	return found[0], nil
}
