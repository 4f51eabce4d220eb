package registry

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// approvedAccount adds the account by two persons.
func approvedAccount(t *testing.T, db *pgxpool.Pool, n NewAccount) {
	t.Helper()
	r, err := ProposeAccount(t.Context(), db, byMaker, n)
	must(t, err)
	_, err = Approve(t.Context(), db, byChecker, r.ID)
	must(t, err)
}

// holdsState fails the test unless the account is in the state.
func holdsState(t *testing.T, db *pgxpool.Pool, code string, want State) {
	t.Helper()
	if a, err := ShowAccount(t.Context(), db, ledger.Live, code); err != nil || a.State != want {
		t.Errorf("the account is %s (%v), want %s", a.State, err, want)
	}
}

// TestOnlyACheckerDecides: a second person is not enough, it must be one whose role is to check and who is still there.
func TestOnlyACheckerDecides(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	_, err := testdb.Owner(t).Exec(ctx, `INSERT INTO staff (name, role, state) VALUES ('second', 'maker', 'open'), ('gone', 'checker', 'closed')`)
	must(t, err)
	r, err := ProposeAccount(ctx, db, byMaker, passportAccount())
	must(t, err)
	for _, who := range []string{"second", "gone", "maker", "nobody"} {
		_, err := Approve(ctx, db, access.By{User: who, At: noon}, r.ID)
		expect(t, who+" approves", err, fault.Denied)
		_, err = Reject(ctx, db, access.By{User: who, At: noon}, r.ID, "no")
		expect(t, who+" rejects", err, fault.Denied)
	}
	waiting, err := ShowRequest(ctx, db, r.ID)
	if err != nil || waiting.State != pending || waiting.Checker != nil {
		t.Errorf("the request is %+v, %v", waiting, err)
	}
	_, err = ProposeAccount(ctx, db, access.By{User: "gone", At: noon}, passportAccount())
	expect(t, "somebody who has left proposes", err, fault.Denied)
	_, err = Approve(ctx, db, byChecker, r.ID)
	must(t, err)
}

// TestADecisionCountsOnce: an approved request to reopen does not undo what is frozen later, and a rejected one reopens nothing.
func TestADecisionCountsOnce(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	account := passportAccount().Code
	approvedAccount(t, db, passportAccount())
	must(t, FreezeAccount(ctx, db, byMaker, ledger.Live, account))
	reopen, err := ProposeAccountState(ctx, db, byMaker, ReopenAccount, ledger.Live, account)
	must(t, err)
	_, err = ProposeAccountState(ctx, db, byMaker, ReopenAccount, ledger.Live, account)
	expect(t, "ask for the same while it waits", err, fault.Conflict)
	_, err = Approve(ctx, db, byChecker, reopen.ID)
	must(t, err)
	holdsState(t, db, account, ledger.Open)

	must(t, FreezeAccount(ctx, db, byMaker, ledger.Live, account))
	_, err = Approve(ctx, db, byChecker, reopen.ID)
	expect(t, "approve the reopening again", err, fault.Conflict)
	_, err = Reject(ctx, db, byChecker, reopen.ID, "too late")
	expect(t, "reject what is approved", err, fault.Conflict)
	refused, err := ProposeAccountState(ctx, db, byMaker, ReopenAccount, ledger.Live, account)
	must(t, err)
	_, err = Reject(ctx, db, byChecker, refused.ID, "it stays frozen")
	must(t, err)
	_, err = Approve(ctx, db, byChecker, refused.ID)
	expect(t, "approve what was rejected", err, fault.Conflict)
	holdsState(t, db, account, ledger.Frozen)
	if r, err := ShowRequest(ctx, db, refused.ID); err != nil || r.State != rejected || r.Reason != "it stays frozen" || !r.DecidedAt.Equal(noon) {
		t.Errorf("the rejected request is %+v, %v", r, err)
	}
}

// TestApprovalLooksAgain: what could be done when it was proposed may be impossible when it is approved. Nothing is done then, and the
// request waits for somebody to reject it.
func TestApprovalLooksAgain(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	first, account := passportAccount(), passportAccount().Code
	sameIBAN := first
	sameIBAN.Code = "R-101-140101-02"
	ask := func(n NewAccount) string {
		t.Helper()
		r, err := ProposeAccount(ctx, db, byMaker, n)
		must(t, err)
		return r.ID
	}
	change := func(act Act) string {
		t.Helper()
		r, err := ProposeAccountState(ctx, db, byMaker, act, ledger.Live, account)
		must(t, err)
		return r.ID
	}
	refused := func(what, id string) {
		t.Helper()
		_, err := Approve(ctx, db, byChecker, id)
		expect(t, what, err, fault.Conflict)
		if r, err := ShowRequest(ctx, db, id); err != nil || r.State != pending {
			t.Errorf("%s: the request is %s, %v", what, r.State, err)
		}
	}
	wins, iban := ask(first), ask(sameIBAN)
	_, err := Approve(ctx, db, byChecker, wins)
	must(t, err)
	refused("its IBAN was taken meanwhile", iban)

	must(t, FreezeAccount(ctx, db, byMaker, ledger.Live, account))
	reopen, closing := change(ReopenAccount), change(CloseAccount)
	_, err = Approve(ctx, db, byChecker, closing)
	must(t, err)
	refused("it was closed meanwhile", reopen)
	holdsState(t, db, account, ledger.Closed)

	other := passportAccount()
	other.Code, other.IBAN = "R-101-140101-03", "IR720100004059010203000456"
	late := ask(other)
	must(t, SetAgencyState(ctx, db, byMaker, 101, ledger.Closed))
	refused("its agency was closed meanwhile", late)
	_, err = ShowAccount(ctx, db, ledger.Live, other.Code)
	expect(t, "an account of a closed agency", err, fault.NotFound)
	_, err = ProposeAccount(ctx, db, byMaker, other)
	expect(t, "propose an account of a closed agency", err, fault.Conflict)
}

// TestApprovalOfADayLooksAgain: a day that the network opened between proposal and approval is not awaited any more.
func TestApprovalOfADayLooksAgain(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	day := saturday.Add(30)
	_, err := ProposeDay(ctx, db, byMaker, ledger.Live, day)
	expect(t, "a day that the network has not named", err, fault.Conflict)
	_, err = ProposeDay(ctx, db, byMaker, ledger.Live, 0)
	expect(t, "no day", err, fault.Invalid)
	_, err = ProposeDay(ctx, db, byMaker, 3, day)
	expect(t, "a third book", err, fault.Invalid)
	must(t, ledger.KeepClaim(ctx, db, ledger.Claim{Book: ledger.Live, Day: day, Source: "cut-over", SaidAt: noon}))
	r, err := ProposeDay(ctx, db, byMaker, ledger.Live, day)
	must(t, err)
	must(t, ledger.OpenDay(ctx, db, ledger.Live, day, "cut-over", noon))
	_, err = Approve(ctx, db, byChecker, r.ID)
	expect(t, "approve a day that is open", err, fault.Conflict)
	_, err = ProposeDay(ctx, db, byMaker, ledger.Live, day)
	expect(t, "propose a day that is open", err, fault.Conflict)
	must(t, ledger.CloseDay(ctx, db, ledger.Live, day, noon.Add(time.Hour)))
	_, err = Approve(ctx, db, byChecker, r.ID)
	expect(t, "approve a day that is closed", err, fault.Conflict)
}

// TestClosedIsForGood: nothing opens or freezes an agency, a service or a terminal that is closed; closing it again is no error.
func TestClosedIsForGood(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	_, err := AddTerminals(ctx, db, byMaker, Terminal{ID: "10100001", Agency: 101, Book: ledger.Live, Type: POS})
	must(t, err)
	_, err = AddService(ctx, db, byMaker, Service{Code: "PASSPORT", Agency: 101, Name: "گذرنامه", NameEn: "Passport"})
	must(t, err)
	for name, c := range map[string]struct {
		set  func(to State) error
		show func() (State, error)
	}{
		"agency": {func(to State) error { return SetAgencyState(ctx, db, byMaker, 101, to) },
			func() (State, error) { a, err := ShowAgency(ctx, db, 101); return a.State, err }},
		"service": {func(to State) error { return SetServiceState(ctx, db, byMaker, "PASSPORT", to) },
			func() (State, error) { s, err := ShowService(ctx, db, "PASSPORT"); return s.State, err }},
		"terminal": {func(to State) error { return SetTerminalState(ctx, db, byMaker, "10100001", to) },
			func() (State, error) { m, err := ShowTerminal(ctx, db, "10100001"); return m.State, err }},
	} {
		must(t, c.set(ledger.Frozen))
		must(t, c.set(ledger.Open))
		expect(t, "the "+name+" to no state", c.set("gone"), fault.Invalid)
		must(t, c.set(ledger.Closed))
		must(t, c.set(ledger.Closed))
		for _, to := range []State{ledger.Open, ledger.Frozen} {
			expect(t, "closed "+name+" to "+string(to), c.set(to), fault.Conflict)
			if state, err := c.show(); err != nil || state != ledger.Closed {
				t.Errorf("the closed %s is %s, %v", name, state, err)
			}
		}
	}
	approved := passportAccount()
	_, err = ProposeAccount(ctx, db, byMaker, approved)
	expect(t, "an account of a closed agency", err, fault.Conflict)
}
