package tariffs

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// refusedBy tries a statement on a database in a transaction of its own and
// returns the name of the constraint that refused it, or the SQLSTATE.
func refusedBy(t *testing.T, db postgres.DB, statements ...string) string {
	t.Helper()
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	must(t, err)
	defer func() { _ = tx.Rollback(ctx) }()
	for i, s := range statements {
		_, err := tx.Exec(ctx, s)
		var answer *pgconn.PgError
		switch {
		case err == nil:
		case !errors.As(err, &answer):
			t.Fatal(err)
		case i < len(statements)-1:
			t.Errorf("refused before its time: %s: %v", s, err)
		case answer.ConstraintName != "":
			return answer.ConstraintName
		default:
			return answer.Code
		}
	}
	return ""
}

// Codes of refusals that name no constraint (PostgreSQL, appendix A).
const (
	noRight   = "42501"
	illegal   = "23514" // tariff_state_moves
	immutable = "23001" // tariff_row_stays
)

// stepTo writes a step and moves the state of a version onto it, past the program.
func stepTo(id int64, step int, state, actor, until, set string) []string {
	return []string{
		`INSERT INTO tariff_step SELECT agency, version, ` + strconv.Itoa(step) + `, '` + state + `', ` + until + `, '` + actor + `', at, 'x'
		   FROM tariff_state WHERE version = ` + itoa(id),
		`UPDATE tariff_state SET step = ` + strconv.Itoa(step) + `, state = '` + state + `', actor = '` + actor + `', until = ` + until + set + `
		  WHERE version = ` + itoa(id),
	}
}

// What the program would refuse, PostgreSQL refuses as well: the runtime role
// as well as the owner of the tables.
func TestPostgreSQLRefuses(t *testing.T) {
	db, owner := testdb.New(t), testdb.Owner(t)
	held := enter(t, db, 0, Approved, version(t, "FEE", "1405/01/01", "1406/01/01", fixed("fee", 1)))[0].ID
	open := enter(t, db, 0, Approved, version(t, "OPEN", "1405/01/01", "", fixed("fee", 1)))[0].ID
	rival := enter(t, db, 0, Submitted, version(t, "FEE", "1405/12/29", "", fixed("fee", 2)))[0].ID
	draft := enter(t, db, 0, Draft, version(t, "TAX", "1405/01/01", "", fixed("fee", 3)))[0].ID
	abroad := version(t, "FEE", "1400/01/01", "1401/01/01", fixed("fee", 4))
	abroad.Agency = 102
	foreign := enter(t, db, 0, Submitted, abroad)[0].ID
	sent := enter(t, db, 0, Draft, version(t, "SENT", "1405/01/01", "", fixed("fee", 5)))[0].ID
	_, err := Submit(context.Background(), db, as("checker", 1), []int64{sent})
	must(t, err)
	is := ` WHERE version = ` + itoa(draft)

	for name, c := range map[string]struct {
		statements []string
		want       string
	}{
		"an overlap":                {stepTo(rival, 3, "approved", "checker", "full_until", `, approved_by = 'checker'`), "tariff_state_period_ex"},
		"a second agency":           {stepTo(foreign, 3, "approved", "checker", "full_until", `, approved_by = 'checker'`), "tariff_state_agency_ex"},
		"approved by its maker":     {stepTo(rival, 3, "approved", "maker", "full_until", `, approved_by = 'maker'`), "tariff_state_second_person_ck"},
		"approved for another":      {stepTo(rival, 3, "approved", "maker", "full_until", `, approved_by = 'checker'`), illegal},
		"approved by a stranger":    {stepTo(rival, 3, "approved", "stranger", "full_until", ``)[:1], "tariff_step_actor_fk"},
		"another maker":             {stepTo(rival, 3, "approved", "maker", "full_until", `, approved_by = 'maker', entered_by = 'checker', submitted_by = 'checker'`), illegal},
		"approved by its submitter": {stepTo(sent, 3, "approved", "checker", "full_until", `, approved_by = 'checker'`), "tariff_state_second_person_ck"},
		"approved twice":            {stepTo(held, 4, "approved", "checker", "full_until", ``), illegal},
		"a draft approved":          {stepTo(draft, 2, "approved", "checker", "full_until", `, submitted_by = 'maker', approved_by = 'checker'`), illegal},
		"a step left out":           {stepTo(draft, 3, "submitted", "maker", "full_until", `, submitted_by = 'maker'`), illegal},
		"a state without its step":  {[]string{`UPDATE tariff_state SET step = 2, state = 'submitted', submitted_by = 'maker'` + is}, "tariff_state_step_fk"},
		"approved a draft again":    {stepTo(held, 4, "draft", "maker", "full_until", `, approved_by = NULL, submitted_by = NULL`), illegal},
		"an end of its own":         {stepTo(held, 4, "superseded", "checker", "full_until - 1", `, successor = `+itoa(rival)), illegal},
		"superseded by nobody":      {stepTo(open, 4, "superseded", "checker", "valid_from + 9", ``), "tariff_state_successor_ck"},
		"superseded by another day": {stepTo(open, 4, "superseded", "checker", "valid_from + 9", `, successor = `+itoa(rival)), "tariff_state_successor_fk"},
		"held longer":               {stepTo(held, 4, "withdrawn", "checker", "full_until + 1", ``), illegal},
		"a draft held in part":      {stepTo(draft, 2, "withdrawn", "checker", "valid_from + 1", ``), illegal},
		"withdrawn without reason": {[]string{`INSERT INTO tariff_step SELECT agency, version, 4, 'withdrawn', until, actor, at, '' FROM tariff_state
			WHERE version = ` + itoa(held)}, "tariff_step_reason_ck"},
		"approved as it is inserted": {[]string{`INSERT INTO tariff_version (agency, id, service, valid_from, body)
			SELECT agency, id + 1, service, '2040-01-01', body FROM tariff_version WHERE id = ` + itoa(held),
			`INSERT INTO tariff_step SELECT agency, version + 1, 1, 'approved', 'infinity', 'checker', at, '' FROM tariff_state WHERE version = ` + itoa(held),
			`INSERT INTO tariff_state SELECT agency, version + 1, service, '2040-01-01', 'infinity', 1, 'approved', 'infinity', 'checker', at, 'maker', 'maker', 'checker'
			   FROM tariff_state WHERE version = ` + itoa(held)}, illegal},
		"other body": {[]string{`INSERT INTO tariff_version (agency, id, service, valid_from, body)
			SELECT agency, id + 1, 'X1', valid_from, body FROM tariff_version WHERE id = ` + itoa(held)}, "tariff_version_body_ck"},
		"no period": {[]string{`INSERT INTO tariff_version (agency, id, service, valid_from, valid_to, body)
			SELECT agency, id + 1, service, '2030-01-01', '2030-01-01', body FROM tariff_version WHERE id = ` + itoa(held)}, "tariff_version_period_ck"},
	} {
		for who, role := range map[string]postgres.DB{"the runtime role": db, "the owner": owner} {
			if got := refusedBy(t, role, c.statements...); got != c.want {
				t.Errorf("%s by %s: refused by %q, want %q", name, who, got, c.want)
			}
		}
	}
}

// A version, its steps and the fact that it was approved cannot be changed or
// taken away, by nobody who works with the tables.
func TestApprovedContentStays(t *testing.T) {
	db, owner := testdb.New(t), testdb.Owner(t)
	enter(t, db, 0, Approved, version(t, "FEE", "1405/01/01", "", fixed("fee", 1)))
	for statement, byOwner := range map[string]string{
		`UPDATE tariff_version SET valid_to = NULL`:                          immutable,
		`UPDATE tariff_version SET body = body || '{"x": 1}'`:                immutable,
		`INSERT INTO tariff_revision (id, revision) VALUES (2, 0)`:           "tariff_revision_one_ck",
		`DELETE FROM tariff_version`:                                         immutable,
		`TRUNCATE tariff_version`:                                            "0A000", // others refer to it
		`UPDATE tariff_step SET actor = 'maker'`:                             immutable,
		`DELETE FROM tariff_step`:                                            immutable,
		`DELETE FROM tariff_state`:                                           immutable,
		`UPDATE tariff_state SET valid_from = '2020-01-01', step = step + 1`: illegal,
		`UPDATE tariff_state SET full_until = '2050-01-01', step = step + 1`: illegal,
		`UPDATE tariff_state SET service = 'OTHER', step = step + 1`:         illegal,
		`UPDATE tariff_state SET agency = 102, step = step + 1`:              illegal,
		`UPDATE tariff_state SET version = version + 1, step = step + 1`:     illegal,
		`INSERT INTO tariff_version SELECT * FROM tariff_version ON CONFLICT (agency, id) DO UPDATE SET valid_to = '2040-01-01'`: "428C9",
	} {
		if got := refusedBy(t, db, statement); got != noRight && got != "428C9" {
			t.Errorf("%s by the runtime role: %q", statement, got)
		}
		if got := refusedBy(t, owner, statement); got != byOwner {
			t.Errorf("%s by the owner: %q, want %q", statement, got, byOwner)
		}
	}
	// The runtime role may move a state, but only onto a legal step.
	for _, statement := range []string{`UPDATE tariff_state SET until = '2030-01-01'`, `UPDATE tariff_state SET approved_by = 'maker'`,
		`UPDATE tariff_state SET entered_by = 'checker', approved_by = 'maker'`, `UPDATE tariff_state SET state = 'withdrawn'`} {
		if got := refusedBy(t, db, statement); got != illegal && got != "tariff_state_second_person_ck" {
			t.Errorf("%s: %q", statement, got)
		}
	}
}

// A step that no state refers to is no history, and prices nothing.
func TestAStepWithoutItsStateDoesNotCount(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	id := enter(t, db, 0, Draft, version(t, "FEE", "1405/01/01", "", fixed("fee", 1)))[0].ID
	_, err := db.Exec(ctx, stepTo(id, 2, "approved", "checker", "until", "")[0])
	must(t, err)
	set, err := LoadSetAsOf(ctx, db, as("", 9).At)
	must(t, err)
	wantPrices(t, "as of later", prices(t, set, "FEE", "1405/06/01"), 0)
	if r, err := FindOne(ctx, db, "FEE"); err != nil || len(r.History) != 1 {
		t.Errorf("%+v, %v", r.History, err)
	}
}

// One version that a node cannot load would keep every node from loading any.
func TestWhatNoNodeCouldLoadIsNotApproved(t *testing.T) {
	ctx, db := t.Context(), testdb.New(t)
	faulty := version(t, "FEE", "1405/01/01", "", fixed("fee", 1))
	faulty.Components[0].Shares = nil
	faulty.ID = identify(faulty)
	sell(t, faulty)
	must(t, pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error { return insert(ctx, tx, []Version{faulty}) }))
	must(t, file(ctx, db, as("maker", 0), "enter", func(_ context.Context, f *filing) error {
		f.move(draftOf(faulty), Draft, "")
		return nil
	}))
	_, err := Submit(ctx, db, as("maker", 0), []int64{faulty.ID})
	must(t, err)
	_, err = Approve(ctx, db, as("checker", 0), []int64{faulty.ID})
	wantFault(t, "a version without shares", err, fault.Invalid)
	loaded(t, db)
}

// Versions of the time before states are in force, and the samples of a newer
// program find their place among them.
func TestADatabaseOfAnEarlierProgram(t *testing.T) {
	ctx, pool := t.Context(), testdb.Owner(t)
	old := version(t, "FEE", "1404/01/01", "", fixed("fee", 1))
	past := version(t, "FEE", "1403/01/01", "1404/01/01", fixed("fee", 9))
	must(t, pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		old.ID, past.ID = 4711, identify(past) // an id that this program would not give
		return insert(ctx, tx, []Version{old, past})
	}))
	migration, err := os.ReadFile("../migrations/00008_tariff_states.sql")
	must(t, err)
	_, rows, found := strings.Cut(string(migration), "-- Versions that are there already")
	if !found {
		t.Fatal("the migration has no rows for the versions that are there")
	}
	_, err = pool.Exec(ctx, "-- Versions"+rows)
	must(t, err)
	wantPrices(t, "after the migration", prices(t, loaded(t, pool), "FEE", "1403/06/01", "1405/08/30"), 9, 1)
	r, err := FindOne(ctx, pool, "4711")
	if err != nil || r.State != Approved || r.ApprovedBy != "checker" || len(r.History) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	// An older node of the same installation may still write a version without a state.
	late := version(t, "LATE", "1405/01/01", "", fixed("fee", 5))
	late.ID = identify(late)
	must(t, pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return insert(ctx, tx, []Version{late}) }))

	sell(t, late, version(t, "NEW", "1405/01/01", "", fixed("fee", 3)), old)
	samples := []Version{old, past, late, version(t, "FEE", "1405/01/01", "", fixed("fee", 2)), version(t, "FEE", "1404/01/01", "1405/01/01", fixed("fee", 8)),
		version(t, "NEW", "1405/01/01", "", fixed("fee", 3))}
	for i, want := range []int{3, 0} {
		approved, err := LoadSample(ctx, pool, samples, noon)
		if err != nil || approved != want {
			t.Errorf("load %d: %d approved, %v, want %d", i, approved, err, want)
		}
	}
	set := loaded(t, pool)
	wantPrices(t, "with the samples", prices(t, set, "FEE", "1404/12/29", "1405/01/01"), 1, 2)
	wantPrices(t, "with the samples", append(prices(t, set, "NEW", "1405/01/01"), prices(t, set, "LATE", "1405/01/01")...), 3, 5)
	if l, err := Find(ctx, pool, "FEE"); err != nil || len(l) != 3 {
		t.Errorf("%d versions of the fee: %v", len(l), err)
	}
	withdrawAll(t, pool, "NEW")
	if approved, err := LoadSample(ctx, pool, samples, noon.Add(time.Hour)); err != nil || approved != 0 {
		t.Errorf("a withdrawn sample came back: %d, %v", approved, err)
	}
}

// A start that was cut off between two steps is finished by the next.
func TestLoadingSamplesIsTakenUpAgain(t *testing.T) {
	db := testdb.New(t)
	drafted, submitted := version(t, "DRAFTED", "1405/01/01", "", fixed("fee", 1)), version(t, "SENT", "1405/01/01", "", fixed("fee", 2))
	enter(t, db, 0, Draft, drafted)
	enter(t, db, 0, Submitted, submitted)
	if approved, err := LoadSample(t.Context(), db, []Version{drafted, submitted}, noon); err != nil || approved != 2 {
		t.Errorf("%d approved, %v", approved, err)
	}
}
