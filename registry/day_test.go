package registry

import (
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// Closing a day is a change of a member of staff, and one that two persons had believed takes two; whoever calls.
func TestDaysAreClosedByStaff(t *testing.T) {
	ctx, db := t.Context(), testdb.New(t)
	today := calendar.DateOf(time.Now())
	before, believed := today-1, today-2
	must(t, ledger.KeepClaim(ctx, db, ledger.Claim{Book: ledger.Live, Day: believed, Source: ledger.ByCutOver, SaidAt: byMaker.At}))
	opening, err := ProposeDay(ctx, db, byMaker, ledger.Live, believed)
	must(t, err)
	_, err = ApproveDay(ctx, db, byChecker, opening.ID, ledger.DefaultReach)
	must(t, err)
	for _, day := range []calendar.Date{believed, before, today} {
		must(t, ledger.OpenDay(ctx, db, ledger.Live, day, ledger.ByCutOver, byMaker.At))
	}
	closes := func(by access.By, day calendar.Date) error {
		return CloseEndedDay(ctx, db, by, ledger.Live, day, ledger.DefaultReach)
	}
	expect(t, "by a stranger", closes(access.By{User: "stranger", At: byMaker.At}, before), fault.Denied)
	expect(t, "today", closes(byMaker, today), fault.Conflict)
	must(t, closes(byMaker, before))
	expect(t, "a day of two persons by one", closes(byChecker, believed), fault.Denied)

	_, err = ProposeDayClose(ctx, db, byMaker, ledger.Live, today, ledger.DefaultReach)
	expect(t, "propose the current day", err, fault.Conflict)
	_, err = ProposeDayClose(ctx, db, byMaker, ledger.Live, before, ledger.DefaultReach)
	expect(t, "propose a closed day", err, fault.Conflict)
	closing, err := ProposeDayClose(ctx, db, byMaker, ledger.Live, believed, ledger.DefaultReach)
	must(t, err)
	_, err = ApproveDay(ctx, db, byMaker, closing.ID, ledger.DefaultReach)
	expect(t, "by who proposed it", err, fault.Denied)
	_, err = Approve(ctx, db, byChecker, closing.ID)
	expect(t, "as if it were an account's", err, fault.Invalid)
	_, err = ApproveDay(ctx, db, byChecker, closing.ID, ledger.DefaultReach)
	must(t, err)

	days, err := ledger.BusinessDays(ctx, db, ledger.Live, 3)
	must(t, err)
	if days[1].ClosedBy != "maker" || days[1].Closing != "" || days[2].ClosedBy != "checker" || days[2].Closing != closing.ID {
		t.Errorf("%+v", days)
	}
	var trail string
	must(t, testdb.Owner(t).QueryRow(ctx, `SELECT string_agg(actor || ' ' || act || ' ' || subject, ', ' ORDER BY version) FROM registry_change
		WHERE act LIKE 'day.close%'`).Scan(&trail))
	if want := "maker day.close live " + before.String() + ", maker day.close.propose live " + believed.String(); trail != want {
		t.Errorf("the record of changes: %s, want %s", trail, want)
	}
}

// Between the proposal and the approval the network may have gone back to the day: what is the current day then stays open.
func TestADayThatBecameCurrentIsNotClosed(t *testing.T) {
	ctx, db := t.Context(), testdb.New(t)
	day := calendar.DateOf(time.Now()) - 1
	must(t, ledger.OpenDay(ctx, db, ledger.Live, day, ledger.ByCutOver, byMaker.At))
	must(t, ledger.OpenDay(ctx, db, ledger.Live, day+1, ledger.ByCutOver, byMaker.At))
	closing, err := ProposeDayClose(ctx, db, byMaker, ledger.Live, day, ledger.DefaultReach)
	must(t, err)
	must(t, ledger.CloseDay(ctx, db, ledger.Live, day+1, byMaker.At))
	_, err = ApproveDay(ctx, db, byChecker, closing.ID, ledger.DefaultReach)
	expect(t, "the current day", err, fault.Conflict)
	if states, err := ledger.DayStates(ctx, db, ledger.Live, []calendar.Date{day}); err != nil || states[day] != ledger.DayOpen {
		t.Errorf("%v, %v", states, err)
	}
	if r, err := ShowRequest(ctx, db, closing.ID); err != nil || r.State != pending {
		t.Errorf("%+v, %v", r, err)
	}
}

// A request about an account is not decided as one about a day.
func TestARequestIsAboutAnAccount(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	r, err := ProposeAccount(ctx, db, byMaker, passportAccount())
	must(t, err)
	_, err = ApproveDay(ctx, db, byChecker, r.ID, ledger.DefaultReach)
	expect(t, "approve", err, fault.Invalid)
	_, rejected := RejectDay(ctx, db, byChecker, r.ID, "no")
	expect(t, "reject", rejected, fault.Invalid)
	if err == nil || rejected == nil || !strings.Contains(rejected.Error(), "R-101-140101-01") || err.Error() != rejected.Error() {
		t.Errorf("%v, %v", err, rejected)
	}
	if r, err := ShowRequest(ctx, db, r.ID); err != nil || r.State != pending {
		t.Errorf("%+v, %v", r, err)
	}
}
