package tariffs

import (
	"context"
	"slices"
	"strings"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/testdb"
)

func TestAVersionNeedsTwoPersons(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	_, err := testdb.Owner(t).Exec(ctx, `INSERT INTO staff (name, role, state) VALUES ('second', 'checker', 'open'), ('gone', 'checker', 'closed')`)
	must(t, err)
	r := enter(t, db, 0, Draft, version(t, "FEE", "1405/01/01", "", fixed("fee", 1)))[0]
	ids := []int64{r.ID}
	approve := func(user string) error { _, err := Approve(ctx, db, as(user, 2), ids); return err }

	wantFault(t, "approve a draft", approve("checker"), fault.Conflict)
	_, err = Submit(ctx, db, as("checker", 1), ids) // a checker may submit, and then not approve
	must(t, err)
	_, err = Submit(ctx, db, as("maker", 1), ids)
	wantFault(t, "submit twice", err, fault.Conflict)
	wantFault(t, "approved by who entered it", approve("maker"), fault.Denied)
	wantFault(t, "approved by who submitted it", approve("checker"), fault.Denied)
	wantFault(t, "approved by nobody known", approve("stranger"), fault.Denied)
	wantFault(t, "approved by who has left", approve("gone"), fault.Denied)
	wantPrices(t, "before the approval", prices(t, loaded(t, db), "FEE", "1405/08/30"), 0)
	must(t, approve("second"))
	wantPrices(t, "after the approval", prices(t, loaded(t, db), "FEE", "1405/08/30"), 1)
	wantFault(t, "approve twice", approve("second"), fault.Conflict)
	_, err = Approve(ctx, db, as("second", 2), []int64{4711})
	wantFault(t, "approve what is not there", err, fault.NotFound)

	r, err = FindOne(ctx, db, "FEE")
	must(t, err)
	if r.State != Approved || r.EnteredBy != "maker" || r.SubmittedBy != "checker" || r.ApprovedBy != "second" || len(r.History) != 3 {
		t.Errorf("the record: %+v", r)
	}
	if last := r.History[2]; last.By != "second" || !last.At.Equal(as("", 2).At) || last.State != Approved {
		t.Errorf("the last step: %+v", last)
	}
}

// The fee is 1 from 1404 on; 2 takes its place in 1406; 3 squeezes in in 1405.
func TestAnOpenVersionEndsWhereTheNextBegins(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	first := enter(t, db, 0, Approved, version(t, "FEE", "1404/01/01", "", fixed("fee", 1)))[0]
	second := enter(t, db, 1, Submitted, version(t, "FEE", "1406/01/01", "", fixed("fee", 2)))[0]
	effect, err := Approve(ctx, db, as("checker", 2), []int64{second.ID})
	must(t, err)
	ended := effect.Ended
	if len(ended) != 1 || ended[0].ID != first.ID || ended[0].State != Superseded || ended[0].Until != day(t, "1406/01/01") || ended[0].Successor != second.ID {
		t.Errorf("ended: %+v", ended)
	}
	enter(t, db, 3, Approved, version(t, "FEE", "1405/11/01", "1406/01/01", fixed("fee", 3)))
	wantPrices(t, "all three", prices(t, loaded(t, db), "FEE", "1403/12/30", "1404/01/01", "1405/10/30", "1405/11/01", "1405/12/29", "1406/01/01"),
		0, 1, 1, 3, 3, 2)

	r, err := FindOne(ctx, db, "FEE@1404-01-01")
	must(t, err)
	if r.State != Superseded || !r.Content.Until.IsZero() || r.Until != day(t, "1405/11/01") || identify(r.Content) != first.ID {
		t.Errorf("its content changed: %+v", r)
	}
	for _, blocked := range []Version{
		version(t, "FEE", "1405/12/01", "", fixed("fee", 4)),            // reaches into 1406
		version(t, "FEE", "1406/01/01", "1407/01/01", fixed("fee", 4)),  // begins with the second
		version(t, "FEE", "1403/01/01", "1404/01/02", fixed("fee", 4)),  // one day of the first
		version(t, "FEE", "1405/12/29", "1406/01/01", fixed("fee", 44)), // the last day of the third
	} {
		waiting := enter(t, db, 4, Submitted, blocked)[0]
		_, err := Approve(ctx, db, as("checker", 5), []int64{waiting.ID})
		wantFault(t, waiting.Ref(), err, fault.Conflict)
	}
	other := version(t, "FEE", "1400/01/01", "1401/01/01", fixed("fee", 5))
	other.Agency = 102
	waiting := enter(t, db, 4, Submitted, other)[0]
	if _, err := Approve(ctx, db, as("checker", 5), []int64{waiting.ID}); err == nil {
		t.Error("two agencies sell the same service")
	}
}

// Approving and withdrawing tell at once on which days a service has no tariff now.
func TestAChangeTellsWhatItLeaves(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	first := enter(t, db, 0, Approved, version(t, "FEE", "1404/01/01", "1405/01/01", fixed("fee", 1)))[0]
	waiting := enter(t, db, 1, Submitted, version(t, "FEE", "1405/07/01", "1406/01/01", fixed("fee", 2)), version(t, "TAX", "1405/01/01", "", fixed("fee", 3)))
	gap := func(from, until string) Gap {
		g := Gap{Service: "FEE", From: day(t, from)}
		if until != "" {
			g.Until = day(t, until)
		}
		return g
	}
	wantGaps := func(what string, e Effect, want ...Gap) {
		t.Helper()
		if !slices.Equal(e.Gaps, want) {
			t.Errorf("%s: %+v, want %+v", what, e.Gaps, want)
		}
	}
	approved, err := Approve(ctx, db, as("checker", 2), []int64{waiting[0].ID, waiting[1].ID})
	must(t, err)
	wantGaps("approved", approved, gap("1405/01/01", "1405/07/01"), gap("1406/01/01", ""))
	withdraw := func(r Record, from string) Effect {
		t.Helper()
		e, err := Withdraw(ctx, db, as("checker", 3), r.ID, day(t, from), "annulled")
		must(t, err)
		return e
	}
	wantGaps("withdrawn from a day on", withdraw(waiting[0], "1405/08/01"), gap("1405/01/01", "1405/07/01"), gap("1405/08/01", ""))
	wantGaps("withdrawn whole", withdraw(waiting[0], "1405/07/01"), gap("1405/01/01", ""))
	wantGaps("nothing holds", withdraw(first, "1404/01/01"), gap("1404/01/01", ""))
	draft := enter(t, db, 4, Draft, version(t, "FEE", "1407/01/01", "", fixed("fee", 4)))[0]
	e, err := Withdraw(ctx, db, as("maker", 5), draft.ID, 0, "mistyped")
	must(t, err)
	if wantGaps("a draft", e); e.Gaps == nil {
		t.Error("no gaps are null")
	}
}

// Two versions of one approval give way to each other as if they came one after the other.
func TestAYearOfVersionsIsApprovedAtOnce(t *testing.T) {
	db := testdb.New(t)
	enter(t, db, 0, Approved, version(t, "FEE", "1406/01/01", "", fixed("fee", 3)), version(t, "FEE", "1404/01/01", "", fixed("fee", 1)),
		version(t, "FEE", "1405/01/01", "", fixed("fee", 2)))
	wantPrices(t, "at once", prices(t, loaded(t, db), "FEE", "1404/06/01", "1405/06/01", "1406/06/01"), 1, 2, 3)
}

// Of two versions that overlap, one is approved, whoever asks at the same moment.
func TestOneOfTwoRivalsIsApproved(t *testing.T) {
	db := testdb.New(t)
	rivals := enter(t, db, 0, Submitted, version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 1)), version(t, "FEE", "1405/06/01", "1407/01/01", fixed("fee", 2)))
	answers := make(chan error, len(rivals))
	for _, r := range rivals {
		go func() {
			_, err := Approve(context.Background(), db, as("checker", 1), []int64{r.ID})
			answers <- err
		}()
	}
	kinds := map[fault.Kind]int{}
	for range rivals {
		kinds[fault.KindOf(<-answers)]++
	}
	if kinds[fault.None] != 1 || kinds[fault.Conflict] != 1 {
		t.Errorf("answers: %v", kinds)
	}
	loaded(t, db)
}

func TestEveryQuoteOfAPastDayCanBeReproduced(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	enter(t, db, 0, Approved, version(t, "FEE", "1404/01/01", "", fixed("fee", 1)))
	wrong := enter(t, db, 10, Approved, version(t, "FEE", "1405/01/01", "", fixed("fee", 2)))[0]
	_, err := Withdraw(ctx, db, as("checker", 20), wrong.ID, day(t, "1405/02/01"), "annulled by the court")
	must(t, err)
	enter(t, db, 30, Approved, version(t, "FEE", "1405/02/01", "", fixed("fee", 3)))
	days := []string{"1404/06/01", "1405/01/15", "1405/02/01"}
	for _, c := range []struct {
		hour int
		want []int64
	}{
		{-1, []int64{0, 0, 0}}, {0, []int64{1, 1, 1}}, {9, []int64{1, 1, 1}}, {10, []int64{1, 2, 2}},
		{20, []int64{1, 2, 0}}, {30, []int64{1, 2, 3}}, {99, []int64{1, 2, 3}},
	} {
		set, err := LoadSetAsOf(ctx, db, as("", c.hour).At)
		must(t, err)
		wantPrices(t, "as of hour "+as("", c.hour).At.String(), prices(t, set, "FEE", days...), c.want...)
	}
	wantPrices(t, "now", prices(t, loaded(t, db), "FEE", days...), 1, 2, 3)

	// The versions that priced a payment are found by their ids, whatever became of them.
	found, err := FindIDs(ctx, db, []int64{wrong.ID, 4711})
	if err != nil || len(found) != 1 || found[0].State != Withdrawn || identify(found[0].Content) != wrong.ID {
		t.Errorf("by its id: %+v, %v", found, err)
	}
}

// A clock that goes back, or another machine's, does not bring steps out of order.
func TestStepsAreInTheOrderOfTheirTimes(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	enter(t, db, 5, Approved, version(t, "FEE", "1404/01/01", "", fixed("fee", 1)))
	enter(t, db, 1, Approved, version(t, "FEE", "1405/01/01", "", fixed("fee", 2)))
	for hour, want := range map[int]int64{4: 0, 5: 2} {
		set, err := LoadSetAsOf(ctx, db, as("", hour).At)
		must(t, err)
		wantPrices(t, "as of then", prices(t, set, "FEE", "1405/06/01"), want)
	}
}

func TestWithdrawnIsNeverQuoted(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	v := version(t, "FEE", "1405/01/01", "", fixed("fee", 1))
	id := enter(t, db, 0, Approved, v)[0].ID
	withdraw := func(user, from, reason string) error {
		_, err := Withdraw(ctx, db, as(user, 1), id, day(t, from), reason)
		return err
	}
	wantFault(t, "without a reason", withdraw("checker", "1406/01/01", ""), fault.Invalid)
	wantFault(t, "for what nobody sees", withdraw("checker", "1406/01/01", "x\u202e"), fault.Invalid)
	wantFault(t, "by a maker", withdraw("maker", "1406/01/01", "x"), fault.Denied)
	wantFault(t, "before it began", withdraw("checker", "1404/12/29", "x"), fault.Invalid)
	must(t, withdraw("checker", "1406/01/01", "ends with the year"))
	wantPrices(t, "from a day on", prices(t, loaded(t, db), "FEE", "1405/12/29", "1406/01/01"), 1, 0)
	wantFault(t, "later than it holds", withdraw("checker", "1406/01/01", "x"), fault.Invalid)
	must(t, withdraw("checker", "1405/01/01", "annulled"))
	wantPrices(t, "whole", prices(t, loaded(t, db), "FEE", "1405/01/01", "1405/12/29"), 0, 0)
	wantFault(t, "twice", withdraw("checker", "1405/01/01", "x"), fault.Conflict)

	// It stays withdrawn unless somebody enters it again, and then goes the whole way.
	enter(t, db, 2, Draft, v)
	entered, err := Import(ctx, db, as("checker", 3), []Version{v}, true)
	must(t, err)
	if !entered[0].New || entered[0].State != Draft || entered[0].EnteredBy != "checker" || entered[0].ApprovedBy != "" {
		t.Errorf("entered again: %+v", entered[0])
	}
	wantPrices(t, "entered again", prices(t, loaded(t, db), "FEE", "1405/01/01"), 0)
	_, err = Withdraw(ctx, db, as("maker", 4), id, day(t, "1406/01/01"), "x")
	wantFault(t, "a draft from a day on", err, fault.Invalid)
	_, err = Withdraw(ctx, db, as("maker", 4), id, 0, "a draft needs no checker")
	must(t, err)
}

func TestVersionsAreFound(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	all := enter(t, db, 0, Draft, version(t, "FEE", "1404/01/01", "1405/01/01", fixed("fee", 1)), version(t, "FEE", "1405/01/01", "", fixed("fee", 2)),
		version(t, "FEE", "1405/01/01", "", fixed("fee", 3)), version(t, "TAX", "1405/01/01", "", fixed("fee", 3)))
	id := itoa(all[3].ID)
	for _, c := range []struct {
		ref  string
		n    int
		kind fault.Kind
	}{
		{"FEE", 3, fault.None}, {"fee@1405-01-01", 2, fault.None}, {"FEE@۱۴۰۴/۰۱/۰۱", 1, fault.None}, {id, 1, fault.None}, {id[:8], 1, fault.None},
		{"FEE@1403-01-01", 0, fault.NotFound}, {"NONE", 0, fault.NotFound}, {"FEE@soon", 0, fault.Invalid}, {"12", 0, fault.Invalid}, {"9999999999999999", 0, fault.NotFound},
	} {
		found, err := Find(ctx, db, c.ref)
		if len(found) != c.n || fault.KindOf(err) != c.kind {
			t.Errorf("%s: %d, %v", c.ref, len(found), err)
		}
	}
	_, err := Find(ctx, db, "TAX", Submitted)
	wantFault(t, "in another state", err, fault.Conflict)
	_, err = FindOne(ctx, db, "FEE")
	wantFault(t, "one of three", err, fault.Conflict)

	var listed []int64
	part := page.Request{Limit: 3}
	for {
		l, err := List(ctx, db, Filter{State: Draft}, part)
		must(t, err)
		for _, r := range l.Items {
			listed = append(listed, r.ID)
		}
		if part.After = l.Next; l.Next == "" {
			break
		}
	}
	if len(listed) != 4 || listed[3] != all[3].ID {
		t.Errorf("listed %v", listed)
	}
	if l, err := List(ctx, db, Filter{Service: "TAX"}, page.Request{}); err != nil || len(l.Items) != 1 {
		t.Errorf("of one service: %+v, %v", l, err)
	}
}

// The day that decides may change from one version to the next. Who asked before goes on by the older tariff; days without a
// tariff in between would leave requests without a price, so the approval is refused and changes nothing.
func TestTheDayThatDecidesIsChangedByApproval(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	decided := func(v Version, by Decider) Version { v.DecidedBy = by; v.ID = identify(v); return v }
	enter(t, db, 0, Approved, version(t, "FEE", "1404/01/01", "", fixed("fee", 1)))
	enter(t, db, 1, Approved, decided(version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 2)), RequestDate))
	q, err := loaded(t, db).Quote(Request{Service: "FEE", Date: day(t, "1405/01/05"), Requested: day(t, "1404/12/20")})
	if err != nil || q.Total != 1 || q.DecidedBy != PaymentDate {
		t.Errorf("asked for before: %+v, %v", q, err)
	}

	gap := decided(version(t, "FEE", "1406/07/01", "", fixed("fee", 3)), ServiceDate)
	waiting := enter(t, db, 2, Submitted, gap)[0]
	_, err = Approve(ctx, db, as("checker", 3), []int64{waiting.ID})
	wantFault(t, "over days without a tariff", err, fault.Conflict)
	if text := err.Error(); !strings.Contains(text, "FEE from 1406/07/01") || !strings.Contains(text, "decided_by changes over days without a tariff, 1406/01/01 until 1406/06/31") {
		t.Error(text)
	}
	if r, err := FindOne(ctx, db, itoa(waiting.ID)); err != nil || r.State != Submitted {
		t.Errorf("%s, %v", r.State, err)
	}
	// Together with what fills the gap it is approved.
	filling := enter(t, db, 4, Submitted, version(t, "FEE", "1406/01/01", "1406/07/01", fixed("fee", 4)))[0]
	_, err = Approve(ctx, db, as("checker", 5), []int64{waiting.ID, filling.ID})
	must(t, err)

	// A withdrawal must always be possible. What it leaves is told, is loaded, and keeps no other version out.
	left, err := Withdraw(ctx, db, as("checker", 6), filling.ID, day(t, "1406/02/01"), "annulled")
	must(t, err)
	set := loaded(t, db)
	if !slices.Equal(left.Gaps, set.Gaps("FEE")) || len(left.Withdrawn) != 1 || left.Withdrawn[0].State != Withdrawn {
		t.Errorf("told of the withdrawal: %+v", left)
	}
	if gaps := set.Gaps("FEE"); len(gaps) != 1 || gaps[0].From != day(t, "1406/02/01") || gaps[0].Until != day(t, "1406/07/01") ||
		!strings.Contains(gaps[0].Unpriced, "with 1406/07/01 as the day of payment and 1406/01/31 as that of service there is no price") {
		t.Errorf("%+v", gaps)
	}
	wantPrices(t, "all", prices(t, set, "FEE", "1404/06/01", "1405/06/01", "1406/01/31", "1406/02/01", "1406/06/31", "1406/07/01"), 1, 2, 4, 0, 0, 3)
	enter(t, db, 7, Approved, version(t, "FEE", "1407/01/01", "", fixed("fee", 5)))
	// Beside the gap itself, the same rule holds.
	beside := enter(t, db, 8, Submitted, decided(version(t, "FEE", "1406/03/01", "1406/07/01", fixed("fee", 6)), RequestDate))[0]
	_, err = Approve(ctx, db, as("checker", 9), []int64{beside.ID})
	wantFault(t, "beside the gap", err, fault.Conflict)
}
