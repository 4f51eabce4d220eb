package payment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// AgencyOfSerial finds the agency that a serial of a day was given to.
func AgencyOfSerial(ctx context.Context, db postgres.Querier, day calendar.Date, serial int32) (agency int32, err error) {
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

// tombstone is what tells tombstones with the same number apart.
type tombstone struct {
	Agency    int32
	Terminal  string
	STAN      string
	LocalTime string
	OpenedOn  time.Time
}

// agencyOfTombstone finds the agency of a tombstone by its number. No range leads to it, so every agency is searched.
// Unlike the numbers of payments these may collide by chance: fault.Conflict, which names the first few. None of them
// holds money.
func agencyOfTombstone(ctx context.Context, db postgres.Querier, day calendar.Date, serial int32) (int32, error) {
	rows, err := db.Query(ctx, `
		SELECT p.* FROM agency a
		 CROSS JOIN LATERAL (SELECT agency, terminal, stan, local_time, opened_on FROM payment WHERE agency = a.code AND rrn = $1 LIMIT 4) p
		 ORDER BY p.agency, p.terminal, p.stan LIMIT 4`, int64(NewRRN(day, serial))+tombstoneDays*SerialsPerDay)
	var found []tombstone
	if err == nil {
		found, err = pgx.CollectRows(rows, pgx.RowToStructByPos[tombstone])
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("find the agency of tombstone %d of %s: %w", serial, day.JalaliString(), err)
	case len(found) == 0:
		return 0, fault.New(fault.NotFound, "no reversal before its original has number %d of %s", serial, day.JalaliString())
	case len(found) > 1:
		return 0, fault.New(fault.Conflict, "several requests of %s that never came were given this number, and no money was moved by any: %s",
			day.JalaliString(), namesOf(found))
	}
	return found[0].Agency, nil
}

// namesOf describes tombstones for people.
func namesOf(found []tombstone) string {
	names := make([]string, len(found))
	for i, t := range found {
		names[i] = fmt.Sprintf("agency %d, terminal %s, STAN %s of %s %s", t.Agency, t.Terminal, t.STAN, calendar.FromDB(t.OpenedOn), t.LocalTime)
	}
	return strings.Join(names, "; ")
}
