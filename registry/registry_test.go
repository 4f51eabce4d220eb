package registry

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

var (
	noon      = time.Date(2026, time.November, 21, 8, 30, 0, 0, time.UTC)
	byMaker   = access.By{User: "maker", At: noon}
	byChecker = access.By{User: "checker", At: noon}
	saturday  = calendar.On(2026, time.November, 21)
)

// passportAgency and passportAccount are entries without fault, to be spoilt by tests.
func passportAgency() Agency {
	return Agency{Code: 101, Name: "پليس گذرنامه", NameEn: "Passport police"}
}

func passportAccount() NewAccount {
	return NewAccount{
		Code: "R-101-140101-01", Book: ledger.Live, Name: "گذرنامه", IBAN: "IR63 0100 0040 0101 0203 0001 23",
		DepositMode: ledger.DepositNone, ValidFrom: saturday,
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// expect fails the test unless the error is of the kind.
func expect(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Errorf("%s: got %v (%s), want %s", what, err, fault.KindOf(err), kind)
	}
}

func withAgency(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db := testdb.New(t)
	_, err := AddAgency(t.Context(), db, byMaker, passportAgency())
	must(t, err)
	return db
}

func TestTypedAgency(t *testing.T) {
	got, err := passportAgency().typed()
	if err != nil || got.Name != "پلیس گذرنامه" || got.Acceptor != "000000000000101" || got.State != ledger.Open {
		t.Errorf("got %+v, %v: want the Persian yeh, the padded code, open", got, err)
	}
	for name, spoil := range map[string]func(*Agency){
		"code zero":        func(a *Agency) { a.Code = 0 },
		"code too large":   func(a *Agency) { a.Code = ledger.MaxAgency + 1 },
		"no name":          func(a *Agency) { a.Name = " " },
		"long name":        func(a *Agency) { a.Name = strings.Repeat("آ", maxName+1) },
		"control in name":  func(a *Agency) { a.Name = "a\x00b" },
		"Persian name_en":  func(a *Agency) { a.NameEn = "پلیس" },
		"foreign acceptor": func(a *Agency) { a.Acceptor = "000000000000102" },
	} {
		a := passportAgency()
		spoil(&a)
		_, err := a.typed()
		expect(t, name, err, fault.Invalid)
	}
}

func TestTypedAccount(t *testing.T) {
	a, err := passportAccount().typed()
	if err != nil || a.Agency != 101 || a.Kind != ledger.Revenue || a.RevenueCode != "140101" || a.IBAN != "IR630100004001010203000123" {
		t.Errorf("got %+v, %v", a, err)
	}
	for name, spoil := range map[string]func(*NewAccount){
		"wrong check digits":      func(n *NewAccount) { n.IBAN = "IR640100004001010203000123" },
		"short IBAN":              func(n *NewAccount) { n.IBAN = "IR63010000400101020300012" },
		"no IBAN":                 func(n *NewAccount) { n.IBAN = "" },
		"third book":              func(n *NewAccount) { n.Book = 3 },
		"revenue class 99":        func(n *NewAccount) { n.Code = "R-101-990101-01" },
		"five digits of revenue":  func(n *NewAccount) { n.Code = "R-101-14010-01" },
		"agency with zeros":       func(n *NewAccount) { n.Code = "R-0101-140101-01" },
		"house account":           func(n *NewAccount) { n.Code = "clearing@101" },
		"partner of two parts":    func(n *NewAccount) { n.Code = "P-101" },
		"province by name":        func(n *NewAccount) { n.Province = "Tehran" },
		"province 31":             func(n *NewAccount) { n.Province = "IR-31" },
		"unknown deposit mode":    func(n *NewAccount) { n.DepositMode = "SOME" },
		"no first day":            func(n *NewAccount) { n.ValidFrom = 0 },
		"over before it begins":   func(n *NewAccount) { n.ValidTo = n.ValidFrom },
		"name of control letters": func(n *NewAccount) { n.Name = "\x1b[2J" },
	} {
		n := passportAccount()
		spoil(&n)
		_, err := n.typed()
		expect(t, name, err, fault.Invalid)
	}
	n := passportAccount()
	n.Code, n.IBAN, n.Name = "x", "y", ""
	if _, err := n.typed(); err == nil || strings.Count(err.Error(), ";") != 2 {
		t.Errorf("not all three faults are told at once: %v", err)
	}
}

func TestParseTerminals(t *testing.T) {
	for text, want := range map[string]int{"10100001": 1, "10100001..10100020": 20, "10100001..10100001": 1, "AB12CD34": 1,
		"۱۰۱۰۰۰۰۱": 1, "00000001..00010000": maxTerminalRange} {
		if ids, err := parseTerminals(text); err != nil || len(ids) != want {
			t.Errorf("%s: %d terminals, %v; want %d", text, len(ids), err, want)
		}
	}
	for _, text := range []string{"", "1010001", "101000010", "ab12cd34", "10100002..10100001", "00000001..00010001",
		"A0000001..A0000002", "10100001..", "10100001.10100002"} {
		_, err := parseTerminals(text)
		expect(t, text, err, fault.Invalid)
	}
}

// TestLists adds one of each, reads it back, changes its state, and finds all of it in the next snapshot.
func TestLists(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	watcher, err := NewWatcher(ctx, db, nil)
	must(t, err)
	_, err = AddTerminals(ctx, db, byMaker, Terminal{ID: "10100001..10100005", Agency: 101, Book: ledger.Live, Type: POS, Limit: 5_000})
	must(t, err)
	_, err = AddService(ctx, db, byMaker, Service{Code: "PASSPORT", Agency: 101, Name: "گذرنامه", NameEn: "Passport"})
	must(t, err)
	if _, ok := watcher.Current().Terminal("10100001"); ok {
		t.Error("a snapshot changed")
	}
	refresh := func() *Directory {
		t.Helper()
		changed, err := watcher.Refresh(ctx)
		if err != nil || !changed {
			t.Fatalf("refresh: %v, %v", changed, err)
		}
		return watcher.Current()
	}
	d := refresh()
	terminal, _ := d.Terminal("10100003")
	if want := (Terminal{"10100003", 101, ledger.Live, POS, ledger.Open, 5_000}); terminal != want {
		t.Errorf("terminal %+v, want %+v", terminal, want)
	}
	if a, ok := d.Agency(101); !ok || a.Acceptor != "000000000000101" {
		t.Errorf("agency %+v", a)
	}
	if a, ok := d.Account(ledger.Test, "clearing@101"); !ok || a.ID != ledger.House(101, ledger.Test, ledger.Clearing) {
		t.Errorf("house account %+v", a)
	}
	must(t, SetTerminalState(ctx, db, byMaker, "10100002..10100003", ledger.Frozen))
	must(t, SetServiceState(ctx, db, byMaker, "PASSPORT", ledger.Closed))
	must(t, SetAgencyState(ctx, db, byMaker, 101, ledger.Frozen))
	d = refresh()
	terminal, _ = d.Terminal("10100003")
	other, _ := d.Terminal("10100004")
	service, _ := d.Service("PASSPORT")
	agency, _ := d.Agency(101)
	if terminal.State != ledger.Frozen || other.State != ledger.Open || service.State != ledger.Closed || agency.State != ledger.Frozen {
		t.Errorf("states %s %s %s %s", terminal.State, other.State, service.State, agency.State)
	}
	if changed, err := watcher.Refresh(ctx); changed || err != nil {
		t.Errorf("refreshed without a change: %v, %v", changed, err)
	}
	part, err := ListTerminals(ctx, db, 101, page.Request{Limit: 2, After: "10100001"})
	if err != nil || len(part.Items) != 2 || part.Items[0].ID != "10100002" || part.Next != "10100003" {
		t.Errorf("page %+v, %v", part, err)
	}
	if part, err = ListTerminals(ctx, db, 0, page.Request{Limit: 2, After: "10100003"}); err != nil || len(part.Items) != 2 || part.Next != "" {
		t.Errorf("last page %+v, %v", part, err)
	}
}

func TestRefusals(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	try := func(what string, kind fault.Kind, do func() error) {
		t.Helper()
		before, err := version(ctx, db)
		must(t, err)
		expect(t, what, do(), kind)
		after, err := version(ctx, db)
		must(t, err)
		if (before == after) == (kind == fault.None) {
			t.Errorf("%s: version went from %d to %d", what, before, after)
		}
	}
	terminals := func(id string, agency int32, kind string) func() error {
		return func() error {
			_, err := AddTerminals(ctx, db, byMaker, Terminal{ID: id, Agency: agency, Book: ledger.Live, Type: kind})
			return err
		}
	}
	try("agency again", fault.Conflict, func() error { _, err := AddAgency(ctx, db, byMaker, passportAgency()); return err })
	try("stranger", fault.Denied, func() error {
		_, err := AddAgency(ctx, db, access.By{User: "nobody", At: noon}, Agency{Code: 102, Name: "x", NameEn: "x"})
		return err
	})
	try("terminals", fault.None, terminals("10100001..10100003", 101, POS))
	try("one of a range is taken", fault.Conflict, terminals("10100003..10100004", 101, POS))
	try("terminal of no agency", fault.NotFound, terminals("10200001", 102, POS))
	try("terminal of no type", fault.Invalid, terminals("10100009", 101, "02"))
	try("service of no agency", fault.NotFound, func() error {
		_, err := AddService(ctx, db, byMaker, Service{Code: "COPY", Agency: 102, Name: "x", NameEn: "x"})
		return err
	})
	state := func(ids string, to State) func() error {
		return func() error { return SetTerminalState(ctx, db, byMaker, ids, to) }
	}
	try("freeze beyond the range", fault.NotFound, state("10100002..10100004", ledger.Frozen))
	try("close", fault.None, state("10100001", ledger.Closed))
	try("reopen closed", fault.Conflict, state("10100001", ledger.Open))
	try("freeze a range with a closed one", fault.Conflict, state("10100001..10100002", ledger.Frozen))
	try("no such state", fault.Invalid, state("10100002", "gone"))
	try("freeze a missing agency", fault.NotFound, func() error { return SetAgencyState(ctx, db, byMaker, 999, ledger.Frozen) })
	try("freeze a missing account", fault.NotFound, func() error {
		return FreezeAccount(ctx, db, byMaker, ledger.Live, "R-101-140101-01")
	})
	if terminal, err := ShowTerminal(ctx, db, "10100002"); err != nil || terminal.State != ledger.Open {
		t.Errorf("a refused range froze %+v, %v", terminal, err)
	}
}

// TestWatcherRun: a tick brings the change, a dead database is logged once and the old lists stay.
func TestWatcherRun(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	var log strings.Builder
	watcher, err := NewWatcher(ctx, db, textLog(&log))
	must(t, err)
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { watcher.Run(ctx, ticks); close(done) }()
	must(t, SetAgencyState(ctx, db, byMaker, 101, ledger.Frozen))
	ticks <- noon
	ticks <- noon // It is taken when the first has been worked off.
	if a, _ := watcher.Current().Agency(101); a.State != ledger.Frozen {
		t.Errorf("after a tick the agency is %s", a.State)
	}
	db.Close()
	for range 3 {
		ticks <- noon
	}
	close(ticks)
	<-done
	if a, ok := watcher.Current().Agency(101); !ok || a.State != ledger.Frozen {
		t.Error("the lists were lost with the database")
	}
	if n := strings.Count(log.String(), "failing=true"); n != 1 {
		t.Errorf("the failure was logged %d times:\n%s", n, log.String())
	}
}
