package registry

import (
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// TestSecondPerson follows an account from the proposal to its closing.
func TestSecondPerson(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	r, err := ProposeAccount(ctx, db, byMaker, passportAccount())
	must(t, err)
	if _, err := ShowAccount(ctx, db, ledger.Live, "R-101-140101-01"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("an account that nobody approved: %v", err)
	}
	_, err = ProposeAccount(ctx, db, byChecker, passportAccount())
	expect(t, "propose again", err, fault.Conflict)
	_, err = Approve(ctx, db, byMaker, r.ID)
	expect(t, "approve one's own", err, fault.Denied)
	_, err = Approve(ctx, db, access.By{User: "nobody", At: noon}, r.ID)
	expect(t, "approve as a stranger", err, fault.Denied)
	_, err = Approve(ctx, db, byChecker, "CR-NONE")
	expect(t, "approve nothing", err, fault.NotFound)
	waiting, err := Pending(ctx, db, page.Request{})
	if err != nil || len(waiting.Items) != 1 || waiting.Items[0].New.IBAN != "IR630100004001010203000123" {
		t.Errorf("pending: %+v, %v", waiting, err)
	}
	done, err := Approve(ctx, db, byChecker, r.ID)
	if err != nil || done.State != "approved" || *done.Checker != "checker" {
		t.Fatalf("approved: %+v, %v", done, err)
	}
	a, err := ShowAccount(ctx, db, ledger.Live, "R-101-140101-01")
	if err != nil || a.ID != ledger.NewAccountID(101, ledger.Live, 100) || a.State != ledger.Open {
		t.Errorf("account %+v, %v", a, err)
	}
	_, err = Approve(ctx, db, byChecker, r.ID)
	expect(t, "approve twice", err, fault.Conflict)

	must(t, FreezeAccount(ctx, db, byMaker, ledger.Live, a.Code))
	act := func(act Act) {
		t.Helper()
		r, err := ProposeAccountState(ctx, db, byMaker, act, ledger.Live, a.Code)
		must(t, err)
		_, err = Approve(ctx, db, byChecker, r.ID)
		must(t, err)
	}
	state := func(want State) {
		t.Helper()
		if a, err := ShowAccount(ctx, db, ledger.Live, a.Code); err != nil || a.State != want {
			t.Errorf("the account is %s (%v), want %s", a.State, err, want)
		}
	}
	state(ledger.Frozen)
	act(ReopenAccount)
	state(ledger.Open)
	act(CloseAccount)
	state(ledger.Closed)
	_, err = ProposeAccountState(ctx, db, byMaker, ReopenAccount, ledger.Live, a.Code)
	expect(t, "reopen a closed account", err, fault.Conflict)
}

func TestProposalsRefused(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	r, err := ProposeAccount(ctx, db, byMaker, passportAccount())
	must(t, err)
	_, err = Approve(ctx, db, byChecker, r.ID)
	must(t, err)
	for name, c := range map[string]struct {
		spoil func(*NewAccount)
		kind  fault.Kind
	}{
		"code taken":            {func(n *NewAccount) { n.IBAN = "IR720100004059010203000456" }, fault.Conflict},
		"IBAN taken":            {func(n *NewAccount) { n.Code = "R-101-140101-02" }, fault.Conflict},
		"no such agency":        {func(n *NewAccount) { n.Code = "R-102-140101-01" }, fault.NotFound},
		"agency is no partner":  {func(n *NewAccount) { n.Code, n.IBAN = "P-101-01", "IR720100004059010203000456" }, fault.Invalid},
		"mistyped check digits": {func(n *NewAccount) { n.IBAN = "IR630100004001010203000124" }, fault.Invalid},
	} {
		n := passportAccount()
		c.spoil(&n)
		_, err := ProposeAccount(ctx, db, byMaker, n)
		expect(t, name, err, c.kind)
	}
	_, err = ProposeAccountState(ctx, db, byMaker, CloseAccount, ledger.Live, "clearing@101")
	expect(t, "close a house account", err, fault.Invalid)
	_, err = ProposeAccountState(ctx, db, byMaker, AddAccount, ledger.Live, "R-101-140101-01")
	expect(t, "add without an account", err, fault.Invalid)
	n := passportAccount()
	n.Book = ledger.Test
	r, err = ProposeAccount(ctx, db, byMaker, n)
	must(t, err)
	_, err = Reject(ctx, db, byChecker, r.ID, " ")
	expect(t, "reject without a reason", err, fault.Invalid)
	done, err := Reject(ctx, db, byChecker, r.ID, "the IBAN is of another agency")
	if err != nil || done.State != "rejected" {
		t.Errorf("rejected: %+v, %v", done, err)
	}
	_, err = ShowAccount(ctx, db, ledger.Test, n.Code)
	expect(t, "rejected account", err, fault.NotFound)
	_, err = Reject(ctx, db, byChecker, r.ID, "again")
	expect(t, "reject twice", err, fault.Conflict)
	_, err = Approve(ctx, db, byChecker, r.ID)
	expect(t, "approve what was rejected", err, fault.Conflict)
	r, err = ProposeAccount(ctx, db, byChecker, n)
	must(t, err)
	_, err = Approve(ctx, db, byChecker, r.ID)
	expect(t, "a checker's own proposal", err, fault.Denied)
}

// TestOneOfManyApproves: a request that several approve at once makes one account.
func TestOneOfManyApproves(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	r, err := ProposeAccount(ctx, db, byMaker, passportAccount())
	must(t, err)
	var mu sync.Mutex
	var done sync.WaitGroup
	kinds := map[fault.Kind]int{}
	for range 4 {
		done.Go(func() {
			_, err := Approve(ctx, db, byChecker, r.ID)
			mu.Lock()
			defer mu.Unlock()
			kinds[fault.KindOf(err)]++
		})
	}
	done.Wait()
	if kinds[fault.None] != 1 || kinds[fault.Conflict] != 3 {
		t.Errorf("outcomes %v, want one success and three conflicts", kinds)
	}
}

// TestChangesAreRecorded: every change has its row with who and what, and the program cannot change it.
func TestChangesAreRecorded(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	r, err := ProposeAccount(ctx, db, byMaker, passportAccount())
	must(t, err)
	_, err = Approve(ctx, db, byChecker, r.ID)
	must(t, err)
	rows, err := db.Query(ctx, `SELECT format('%s %s %s %s', version, actor, act, subject) FROM registry_change ORDER BY version`)
	must(t, err)
	want := []string{"1 maker agency.add 101", "2 maker account.add.propose live R-101-140101-01", "3 checker request.approved " + r.ID}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("recorded are %q, %v, want %q", got, err, want)
	}
	for _, sql := range []string{`UPDATE registry_change SET actor = 'checker'`, `DELETE FROM registry_change`,
		`UPDATE approval SET maker = 'checker'`, `UPDATE approval SET content = '{}'`, `DELETE FROM approval`,
		`INSERT INTO staff (name, role, state) VALUES ('mallory', 'checker', 'open')`, `UPDATE staff SET role = 'checker'`} {
		if _, err := db.Exec(ctx, sql); err == nil {
			t.Errorf("the program could %s", sql)
		}
	}
	_, err = testdb.Owner(t).Exec(ctx, `UPDATE approval SET checker = maker`)
	if err == nil {
		t.Error("the database took a request that one person proposed and approved")
	}
}
