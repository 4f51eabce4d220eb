package registry

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/security/access"
)

// TestTypedService and what follows hold the first and the last of what may be typed.
func TestTypedService(t *testing.T) {
	good := Service{Code: "PASSPORT", Agency: 101, Name: "گذرنامه", NameEn: "Passport"}
	if got, err := good.typed(); err != nil || got.Name != good.Name || got.State != ledger.Open {
		t.Errorf("%+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		change func(*Service)
		good   bool
	}{
		"two letters":        {func(s *Service) { s.Code = "AB" }, true},
		"24 letters":         {func(s *Service) { s.Code = strings.Repeat("A", 24) }, true},
		"one letter":         {func(s *Service) { s.Code = "A" }, false},
		"25 letters":         {func(s *Service) { s.Code = strings.Repeat("A", 25) }, false},
		"a digit first":      {func(s *Service) { s.Code = "1AB" }, false},
		"small letters":      {func(s *Service) { s.Code = "passport" }, false},
		"agency zero":        {func(s *Service) { s.Agency = 0 }, false},
		"the last agency":    {func(s *Service) { s.Agency = ledger.MaxAgency }, true},
		"no such agency":     {func(s *Service) { s.Agency = ledger.MaxAgency + 1 }, false},
		"no name":            {func(s *Service) { s.Name = " " }, false},
		"the longest name":   {func(s *Service) { s.Name = strings.Repeat("آ", maxName) }, true},
		"delete in name":     {func(s *Service) { s.Name = "a\x7f" }, false},
		"no English name":    {func(s *Service) { s.NameEn = "" }, false},
		"accent in English":  {func(s *Service) { s.NameEn = "Café" }, false},
		"Arabic yeh in name": {func(s *Service) { s.Name = "گذرنامه ي" }, true},
	} {
		s := good
		c.change(&s)
		if got, err := s.typed(); c.good != (err == nil) || strings.Contains(got.Name, "ي") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	a := passportAgency()
	a.Acceptor = "000000000000101"
	if _, err := a.typed(); err != nil {
		t.Errorf("the agency's own F42: %v", err)
	}
	n := passportAccount()
	n.ValidTo, n.Province = n.ValidFrom.Add(1), "IR-30"
	if _, err := n.typed(); err != nil {
		t.Errorf("an account of one day: %v", err)
	}
}

func TestTypedTerminals(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	good := Terminal{ID: "10100001..10100002", Agency: 101, Book: ledger.Test, Type: Internet, Limit: money.MaxPayment}
	added, err := AddTerminals(ctx, db, byMaker, good)
	must(t, err)
	for i, id := range []string{"10100001", "10100002"} {
		want := Terminal{id, 101, ledger.Test, Internet, ledger.Open, money.MaxPayment}
		stored, err := ShowTerminal(ctx, db, id)
		if err != nil || len(added) != 2 || added[i] != want || stored != want {
			t.Errorf("added %+v, stored %+v, %v; want %+v", added, stored, err, want)
		}
	}
	for name, change := range map[string]func(*Terminal){
		"agency zero":           func(m *Terminal) { m.Agency = 0 },
		"agency out of range":   func(m *Terminal) { m.Agency = ledger.MaxAgency + 1 },
		"third book":            func(m *Terminal) { m.Book = 3 },
		"no type":               func(m *Terminal) { m.Type = "" },
		"negative limit":        func(m *Terminal) { m.Limit = -1 },
		"limit beyond F4":       func(m *Terminal) { m.Limit = money.MaxPayment + 1 },
		"id of seven":           func(m *Terminal) { m.ID = "1010003" },
		"from of seven":         func(m *Terminal) { m.ID = "1010003..10100004" },
		"to of seven":           func(m *Terminal) { m.ID = "00000001..0000002" },
		"letters from":          func(m *Terminal) { m.ID = "A0000001..00000010" },
		"letters to":            func(m *Terminal) { m.ID = "00000000..A0000001" },
		"one more than allowed": func(m *Terminal) { m.ID = fmt.Sprintf("20000000..%08d", 20000000+maxTerminalRange) },
	} {
		m := good
		m.ID = "10100009"
		change(&m)
		_, err := AddTerminals(ctx, db, byMaker, m)
		expect(t, name, err, fault.Invalid)
	}
}

// TestWarnings tells of accounts that are unusual, to whoever proposes them and to whoever has to approve them.
func TestWarnings(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	of := func(code, iban string) ledger.Account {
		t.Helper()
		n := passportAccount()
		n.Code, n.IBAN = code, iban
		a, err := n.typed()
		must(t, err)
		return a
	}
	const revenue, partner, atParsian, treasury = "R-101-140101-01", "P-101-01", "IR820540102680020817909002", "IR630100004001010203000123"
	for _, c := range []struct{ code, iban, tells string }{
		{revenue, treasury, ""}, {revenue, atParsian, "Central Bank"}, {partner, atParsian, ""}, {partner, treasury, ""},
	} {
		w := warnings(of(c.code, c.iban))
		if (c.tells == "") != (len(w) == 0) || len(w) > 0 && !strings.Contains(w[0], c.tells) {
			t.Errorf("%s at %s: %q, want %q", c.code, c.iban, w, c.tells)
		}
	}
	if w := warnings(ledger.Account{Kind: ledger.Revenue, IBAN: identity.IBAN("IR000100014001010203000123")}); len(w) != 1 || !strings.Contains(w[0], "Treasury") {
		t.Errorf("at the Central Bank, and not the Treasury's: %q", w)
	}
	n := passportAccount()
	n.IBAN = atParsian
	r, err := ProposeAccount(ctx, db, byMaker, n)
	must(t, err)
	read, err := ShowRequest(ctx, db, r.ID)
	must(t, err)
	if len(r.Warnings) != 1 || len(read.Warnings) != 1 {
		t.Errorf("warned when it was proposed %q, when it is read %q", r.Warnings, read.Warnings)
	}
}

// TestReasonsAreBounded: a reason has 1 to 400 characters, however many bytes they take.
func TestReasonsAreBounded(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	r, err := ProposeAccount(ctx, db, byMaker, passportAccount())
	must(t, err)
	_, err = Reject(ctx, db, byChecker, r.ID, strings.Repeat("آ", access.MaxReason+1))
	expect(t, "too long", err, fault.Invalid)
	done, err := Reject(ctx, db, byChecker, r.ID, strings.Repeat("آ", access.MaxReason))
	if err != nil || len([]rune(done.Reason)) != access.MaxReason {
		t.Errorf("the longest: %v", err)
	}
	n := passportAccount()
	n.Book = 3
	_, err = ProposeAccount(ctx, db, byMaker, n)
	expect(t, "propose in a third book", err, fault.Invalid)
	_, err = ProposeAccountState(ctx, db, byMaker, CloseAccount, 3, n.Code)
	expect(t, "close in a third book", err, fault.Invalid)
}

// pages reads a list by two to its end, and holds that every entry comes once and in its order.
func pages[T any](t *testing.T, what, want string, key func(T) string, read func(page.Request) (page.Listing[T], error)) {
	t.Helper()
	var got []string
	var sizes []int
	for p := (page.Request{Limit: 2}); ; {
		l, err := read(p)
		must(t, err)
		for _, item := range l.Items {
			got = append(got, key(item))
		}
		sizes = append(sizes, len(l.Items))
		if p.After = l.Next; p.After == "" {
			break
		}
	}
	if strings.Join(got, " ") != want || sizes[0] != min(2, len(got)) {
		t.Errorf("%s: %v in pages of %v, want %s", what, got, sizes, want)
	}
}

// withEntries has five agencies, services and requests to add accounts.
func withEntries(t *testing.T) *pgxpool.Pool {
	t.Helper()
	ctx, db := t.Context(), withAgency(t)
	a := passportAgency()
	for i := range 5 {
		if a.Code = 101 + int32(i); i > 0 {
			_, err := AddAgency(ctx, db, byMaker, a)
			must(t, err)
		}
	}
	for i := range 5 {
		_, err := AddService(ctx, db, byMaker, Service{Code: fmt.Sprintf("S-%d", i), Agency: 101 + int32(i%2), Name: "x", NameEn: "x"})
		must(t, err)
		n := passportAccount()
		n.Code, n.IBAN = fmt.Sprintf("R-101-140101-%02d", i+1), iban(t, i)
		_, err = ProposeAccount(ctx, db, access.By{User: byMaker.User, At: noon.Add(time.Duration(i) * time.Second)}, n)
		must(t, err)
	}
	return db
}

// TestPagesOfLists goes through each list by two, and finds every entry once.
func TestPagesOfLists(t *testing.T) {
	ctx, db := t.Context(), withEntries(t)
	pages(t, "agencies", "101 102 103 104 105", func(a Agency) string { return fmt.Sprint(a.Code) },
		func(p page.Request) (page.Listing[Agency], error) { return ListAgencies(ctx, db, p) })
	service := func(s Service) string { return s.Code }
	pages(t, "services", "S-0 S-1 S-2 S-3 S-4", service, func(p page.Request) (page.Listing[Service], error) { return ListServices(ctx, db, 0, p) })
	pages(t, "services of one agency", "S-1 S-3", service, func(p page.Request) (page.Listing[Service], error) { return ListServices(ctx, db, 102, p) })
	const accounts = "R-101-140101-01 R-101-140101-02 R-101-140101-03 R-101-140101-04 R-101-140101-05"
	pages(t, "requests", accounts, func(r Request) string { return r.Account }, func(p page.Request) (page.Listing[Request], error) { return Pending(ctx, db, p) })
	waiting, err := Pending(ctx, db, page.Request{})
	must(t, err)
	for _, r := range waiting.Items {
		_, err := Approve(ctx, db, byChecker, r.ID)
		must(t, err)
	}
	pages(t, "accounts", accounts, func(a ledger.Account) string { return a.Code },
		func(p page.Request) (page.Listing[ledger.Account], error) {
			return ListAccounts(ctx, db, ledger.Live, 101, false, p)
		})
}

// TestBoundsOfPages: a page has 1 to so many entries, begins behind one that can be, and an empty list is told as one.
func TestBoundsOfPages(t *testing.T) {
	ctx, db := t.Context(), withAgency(t)
	_, err := ListAccounts(ctx, db, 3, 0, false, page.Request{})
	expect(t, "accounts of a third book", err, fault.Invalid)
	_, err = ListAgencies(ctx, db, page.Request{After: "x"})
	expect(t, "agencies after x", err, fault.Invalid)
	none, err := ListServices(ctx, db, 105, page.Request{})
	must(t, err)
	if text, err := json.Marshal(none); err != nil || string(text) != `{"items":[]}` {
		t.Errorf("a list of nothing is %s, %v", text, err)
	}
	for limit, want := range map[int]int{-1: page.Usual, 0: page.Usual, 1: 1, page.Most: page.Most, page.Most + 1: page.Most} {
		if got := (page.Request{Limit: limit}).Size(); got != want {
			t.Errorf("a page of %d has %d, want %d", limit, got, want)
		}
	}
}

// iban is the n-th account number at the Central Bank, with its check digits.
func iban(t *testing.T, n int) string {
	t.Helper()
	for check := range 98 {
		if i, err := identity.ParseIBAN(fmt.Sprintf("IR%02d0100004001010203%06d", check, n)); err == nil {
			return string(i)
		}
	}
	t.Fatalf("no check digits for account %d", n)
	return ""
}

// TestNobodyIsFound: a snapshot says of what it does not know that it does not.
func TestNobodyIsFound(t *testing.T) {
	d := NewDirectory([]Agency{{Code: 101}}, []Terminal{{ID: "10100001"}}, []Service{{Code: "PASSPORT"}}, nil)
	_, agency := d.Agency(102)
	_, terminal := d.Terminal("10100002")
	_, service := d.Service("COPY")
	_, account := d.Account(ledger.Live, "clearing@101")
	if agency || terminal || service || account {
		t.Errorf("found agency %t, terminal %t, service %t, account %t", agency, terminal, service, account)
	}
	_, terminal = d.Terminal("10100001")
	if _, agency = d.Agency(101); !agency || !terminal {
		t.Errorf("agency %t, terminal %t", agency, terminal)
	}
}
