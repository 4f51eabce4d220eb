package tariffs

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/registry"
)

var accountParts = regexp.MustCompile(`^([RP])-([0-9]+)-(?:([0-9]{6})-)?[0-9]{2}$`)

// sell enters into the registry what versions name, each service with the agency of its last version.
func sell(t *testing.T, versions ...Version) {
	t.Helper()
	ctx, owner := context.Background(), testdb.Owner(t)
	run := func(sql string, args ...any) {
		t.Helper()
		_, err := owner.Exec(ctx, sql, args...)
		must(t, err)
	}
	agency := func(code any) {
		run(`INSERT INTO agency (code, name, name_en, state, partner, feed) VALUES ($1, 'x', 'x', 'open', true, false) ON CONFLICT DO NOTHING`, code)
	}
	run(`INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason)
		VALUES ('CR-SOLD', 'account.add', 1, 'x', '{}', 'maker', now(), 'approved', 'checker', now(), '') ON CONFLICT DO NOTHING`)
	for i := range versions {
		v := &versions[i]
		agency(v.Agency)
		run(`INSERT INTO service (agency, code, name, name_en, state) VALUES ($1, $2, 'x', 'x', 'open') ON CONFLICT (code) DO UPDATE SET agency = $1`,
			v.Agency, v.Service)
		for _, code := range v.accounts() {
			addAccount(t, run, agency, code)
		}
	}
}

// addAccount enters an account of the live book, unless it is there.
func addAccount(t *testing.T, run func(string, ...any), agency func(any), code string) {
	t.Helper()
	m := accountParts.FindStringSubmatch(code)
	if m == nil {
		t.Fatalf("no account: %q", code)
	}
	owner := agencyNumber(t, m[2])
	agency(owner)
	run(`INSERT INTO account (agency, id, book, code, kind, state, name, iban, revenue_code, province, deposit_mode, valid_from, approval)
		SELECT $1::int, $1::bigint * 10000000 + 1000000 + 100 + n, 1, $2::text, $3::text, 'open', 'x',
		       'IR' || lpad((98 - (body || '182700')::numeric % 97)::text, 2, '0') || body, nullif($4::text, ''), '', 'NONE', '2020-01-01', 'CR-SOLD'
		  FROM (SELECT n, '010' || lpad(n::text, 19, '0') AS body FROM (SELECT count(*) AS n FROM account) AS counted) AS numbered
		ON CONFLICT (book, code) DO NOTHING`, owner, code, map[string]string{"R": "revenue", "P": "partner"}[m[1]], m[3])
}

func agencyNumber(t *testing.T, digits string) int32 {
	t.Helper()
	var n int32
	for _, d := range digits {
		n = n*10 + d - '0'
	}
	return n
}

// The names in a tariff are looked up when it is entered and when it is approved.
func TestWhatIsNotSoldIsNotEntered(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	good := version(t, "FEE", "1405/01/01", "", fixed("fee", 1))
	sell(t, good)
	_, err := testdb.Owner(t).Exec(ctx, `INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason)
		VALUES ('CR-TEST', 'account.add', 2, 'x', '{}', 'maker', now(), 'approved', 'checker', now(), '');
		INSERT INTO account (agency, id, book, code, kind, state, name, iban, revenue_code, province, deposit_mode, valid_from, approval)
		SELECT agency, id + 1000000, 2, 'R-101-140101-07', kind, state, name, iban, revenue_code, province, deposit_mode, valid_from, 'CR-TEST'
		  FROM account WHERE code = 'R-101-140101-01'`)
	must(t, err)
	to := func(account string) Version {
		v := version(t, "FEE", "1406/01/01", "", fixed("fee", 2))
		v.Components[0].Shares = all(account)
		return v
	}
	shared := version(t, "FEE", "1406/01/01", "", fixed("fee", 2))
	shared.Sharing = []Sharing{{Component: "fee", From: shared.From + 9, Shares: all("P-106-09"), Basis: shared.Basis}}
	abroad := good
	abroad.Agency = 102
	for name, c := range map[string]struct {
		version Version
		says    string
	}{
		"no service":             {version(t, "NONE", "1405/01/01", "", fixed("fee", 1)), "NONE: there is no such service"},
		"another agency's":       {abroad, "FEE: agency 101 sells this service, not 102"},
		"no account":             {to("R-101-140101-09"), "FEE: there is no account R-101-140101-09"},
		"no account of sharing":  {shared, "FEE: there is no account P-106-09"},
		"an account of the test": {to("R-101-140101-07"), "FEE: there is no account R-101-140101-07"},
	} {
		_, err := Import(ctx, db, as("maker", 0), []Version{good, c.version}, false)
		wantFault(t, name, err, fault.Invalid)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if l, err := List(ctx, db, Filter{}, page.Request{}); err != nil || len(l.Items) != 0 {
		t.Errorf("entered: %+v, %v", l.Items, err)
	}
	enter(t, db, 0, Draft, good)
}

// Between the proposal and the approval much may have happened.
func TestWhatHasBeenClosedIsNotApproved(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		close func(db postgres.DB) error
		says  string
	}{
		"the account": {func(db postgres.DB) error { return closeAccount(ctx, db, "R-101-140101-01") }, "FEE: account R-101-140101-01 is closed"},
		"the service": {func(db postgres.DB) error {
			return registry.SetServiceState(ctx, db, as("maker", 1), "FEE", ledger.Closed)
		}, "FEE: this service is closed"},
		"the agency": {func(db postgres.DB) error {
			return registry.SetAgencyState(ctx, db, as("maker", 1), 101, ledger.Closed)
		}, "FEE: agency 101 is closed"},
	} {
		t.Run(name, func(t *testing.T) {
			db := testdb.New(t)
			r := enter(t, db, 0, Submitted, version(t, "FEE", "1405/01/01", "", fixed("fee", 1)))[0]
			must(t, c.close(db))
			_, err := Approve(ctx, db, as("checker", 2), []int64{r.ID})
			wantFault(t, "approve", err, fault.Invalid)
			if err == nil || err.Error() != c.says {
				t.Errorf("%v, want %q", err, c.says)
			}
			_, err = Import(ctx, db, as("maker", 2), []Version{r.Content}, false)
			wantFault(t, "import", err, fault.Invalid)
			if r, err := FindOne(ctx, db, itoa(r.ID)); err != nil || r.State != Submitted {
				t.Errorf("%s, %v", r.State, err)
			}
			if approved, err := LoadSample(ctx, db, []Version{r.Content}, noon); err != nil || approved != 0 {
				t.Errorf("as a sample: %d approved, %v", approved, err)
			}
		})
	}
}

// A frozen entry can be reopened, so its tariff may come into force.
func TestWhatIsFrozenIsApproved(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	sell(t, version(t, "FEE", "1405/01/01", "", fixed("fee", 1)))
	must(t, registry.FreezeAccount(ctx, db, as("maker", 0), ledger.Live, "R-101-140101-01"))
	must(t, registry.SetServiceState(ctx, db, as("maker", 0), "FEE", ledger.Frozen))
	enter(t, db, 1, Approved, version(t, "FEE", "1405/01/01", "", fixed("fee", 1)))
}

func closeAccount(ctx context.Context, db postgres.DB, code string) error {
	r, err := registry.ProposeAccountState(ctx, db, as("maker", 1), registry.CloseAccount, ledger.Live, code)
	if err == nil {
		_, err = registry.Approve(ctx, db, as("checker", 1), r.ID)
	}
	return err
}

// Whoever closes an account while its tariff is being approved waits for the approval, and the other way round: neither acts on
// what the other is just about to change.
func TestApprovalAndClosingFollowOneAnother(t *testing.T) {
	ctx, db := context.Background(), testdb.New(t)
	r := enter(t, db, 0, Submitted, version(t, "FEE", "1405/01/01", "", fixed("fee", 1)))[0]
	closing, err := db.Begin(ctx)
	must(t, err)
	defer func() { _ = closing.Rollback(ctx) }()
	_, err = closing.Exec(ctx, `UPDATE registry_version SET version = version + 1 WHERE id = 1`) // as every change of the lists begins
	must(t, err)
	_, err = closing.Exec(ctx, `UPDATE service SET state = 'closed' WHERE code = 'FEE'`)
	must(t, err)
	approved := make(chan error, 1)
	go func() {
		_, err := Approve(ctx, db, as("checker", 1), []int64{r.ID})
		approved <- err
	}()
	if !waitsForLock(t, approved) {
		t.Error("the approval does not wait for a change of the lists")
	}
	must(t, closing.Commit(ctx))
	wantFault(t, "after the closing", <-approved, fault.Invalid)
}

// waitsForLock polls until a session waits for a lock, or the work is done, which fails.
func waitsForLock(t *testing.T, done chan error) bool {
	t.Helper()
	owner := testdb.Owner(t)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		var waiting bool
		must(t, owner.QueryRow(context.Background(),
			`SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waiting))
		if waiting {
			return true
		}
		select {
		case err := <-done:
			done <- err
			return false
		default:
		}
	}
	return false
}
