package ledger

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
)

// TestFirstAndLastOfAJournal: the bounds themselves are possible, and what is next to them is not.
func TestFirstAndLastOfAJournal(t *testing.T) {
	lines := func(n int) []Transfer { return slices.Repeat(sound().Transfers[:1], n) }
	for name, c := range map[string]struct {
		change func(*Journal)
		sound  bool
	}{
		"the first agency":       {func(j *Journal) { j.Agency = 1 }, true},
		"the last agency":        {func(j *Journal) { j.Agency = MaxAgency }, true},
		"the first version":      {func(j *Journal) { j.Version = 1 }, true},
		"version zero":           {func(j *Journal) { j.Version, j.Reverses = 0, -1 }, false},
		"a negative version":     {func(j *Journal) { j.Version, j.Reverses = -1, 0 }, false},
		"as many lines as may":   {func(j *Journal) { j.Transfers = lines(maxTransfers) }, true},
		"one line more":          {func(j *Journal) { j.Transfers = lines(maxTransfers + 1) }, false},
		"debit account zero":     {func(j *Journal) { j.Transfers[0].Debit = AccountID(int64(Live) * bookFactor) }, false},
		"credit account of none": {func(j *Journal) { j.Transfers[0].Credit = NewAccountID(0, Live, 1) }, false},
		"agency of eight digits": {func(j *Journal) { j.Transfers[0].Debit = NewAccountID(MaxAgency+1, Live, 1) }, false},
		"the first account":      {func(j *Journal) { j.Transfers[0].Debit = NewAccountID(1, Live, 1) }, true},
		"the last account":       {func(j *Journal) { j.Transfers[0].Debit = NewAccountID(MaxAgency, Live, maxSerial) }, true},
	} {
		j := sound()
		c.change(&j)
		if err := Check(j); c.sound != (err == nil) || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	j := sound()
	j.Transfers[1].Amount = 0
	if err := Check(j); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("it names the line: %v", err)
	}
	j = sound()
	j.Book = 3
	if err := Check(j); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("it names the book: %v", err)
	}
	for id, valid := range map[AccountID]bool{0: false, -1: false, NewAccountID(101, 0, 1): false, NewAccountID(101, 3, 1): false,
		NewAccountID(-101, Live, 1): false, -NewAccountID(101, Live, 1): false, NewAccountID(101, Live, 1): true, NewAccountID(101, Test, 1): true,
		NewAccountID(101, Live, 0): false, NewAccountID(MaxAgency+1, Live, 1): false} {
		if id.Valid() != valid {
			t.Errorf("account %d is valid: %t", id, !valid)
		}
	}
}

func TestBooksByName(t *testing.T) {
	for _, b := range []Book{Live, Test} {
		text, err := json.Marshal(b)
		var back Book
		if err == nil {
			err = json.Unmarshal(text, &back)
		}
		if err != nil || back != b || !b.Valid() {
			t.Errorf("%s comes back as %s, %v", text, back, err)
		}
	}
	b := Live
	if err := b.UnmarshalText([]byte("third")); !fault.Is(err, fault.Invalid) || b != Live {
		t.Errorf("a third book was read as %s, %v", b, err)
	}
	if Book(0).Valid() || Book(3).Valid() {
		t.Error("there is a third book")
	}
}

func TestFirstAndLastDayOfAnAccount(t *testing.T) {
	open, ended := Account{ValidFrom: saturday}, Account{ValidFrom: saturday, ValidTo: saturday.Add(2)}
	for days, want := range map[int][2]bool{-1: {false, false}, 0: {true, true}, 1: {true, true}, 2: {true, false}, 3: {true, false}} {
		if got := [2]bool{open.ValidOn(saturday.Add(days)), ended.ValidOn(saturday.Add(days))}; got != want {
			t.Errorf("%d days after its first it is valid: without end %t, with one %t", days, got[0], got[1])
		}
	}
}

// TestEveryAccountIsLoaded with its dates, or none if there are more than the caller has room for.
func TestEveryAccountIsLoaded(t *testing.T) {
	b := newBooks(t)
	b.exec(`UPDATE account SET valid_to = $1 WHERE code = 'P-105-01'`, saturday.Add(9).Time())
	all, err := LoadAll(b.ctx, b.db, 1000)
	b.must(err)
	for _, a := range all {
		want := calendar.Date(0)
		if a.Code == "P-105-01" {
			want = saturday.Add(9)
		}
		if !a.Kind.IsHouse() && a.ValidFrom != saturday.Add(-365) || a.ValidTo != want {
			t.Errorf("account %s is valid from %s to %s", a.Code, a.ValidFrom, a.ValidTo)
		}
	}
	if same, err := LoadAll(b.ctx, b.db, len(all)); err != nil || len(same) != len(all) {
		t.Errorf("with room for all %d: %d, %v", len(all), len(same), err)
	}
	if some, err := LoadAll(b.ctx, b.db, len(all)-1); !fault.Is(err, fault.Unavailable) || some != nil {
		t.Errorf("without room for the last: %d, %v", len(some), err)
	}
	b.exec(`UPDATE account SET id = 1011999999, code = 'R-101-140101-99' WHERE code = 'R-101-140101-01'`)
	b.must(b.inTx(func(tx pgx.Tx) error {
		if serial, err := NextSerial(b.ctx, tx, 101, Live); !fault.Is(err, fault.Conflict) {
			t.Errorf("after the last number comes %d, %v", serial, err)
		}
		if serial, err := NextSerial(b.ctx, tx, 101, Test); err != nil || serial != lastHouse+1 {
			t.Errorf("the first number of the other book is %d, %v", serial, err)
		}
		return nil
	}))
}

// TestSameJournalAgain: a journal that is there already may be posted again, and one that differs from it in anything may not.
func TestSameJournalAgain(t *testing.T) {
	b := newBooks(t)
	b.day(Live, saturday.Add(1))
	b.day(Test, saturday)
	b.post(b.approvalOf(1))
	b.post(withdrawalOf(b.approvalOf(1)))
	for name, change := range map[string]func(*Journal){
		"amount":   func(j *Journal) { j.Transfers[0].Amount++ },
		"order":    func(j *Journal) { j.Transfers[0], j.Transfers[1] = j.Transfers[1], j.Transfers[0] },
		"a line":   func(j *Journal) { j.Transfers = j.Transfers[:1] },
		"day":      func(j *Journal) { j.BusinessDay++ },
		"reverses": func(j *Journal) { j.Reverses = 0 },
		"book": func(j *Journal) {
			j.Book = Test
			for i := range j.Transfers {
				j.Transfers[i] = Transfer{Debit: House(101, Test, Clearing), Credit: House(105, Test, Clearing), Amount: j.Transfers[i].Amount}
			}
		},
	} {
		j := withdrawalOf(b.approvalOf(1))
		change(&j)
		if posted, err := Post(b.ctx, b.db, j); posted || !fault.Is(err, fault.Conflict) {
			t.Errorf("with another %s: posted %t, %v", name, posted, err)
		}
	}
	for _, j := range []Journal{b.approvalOf(1), withdrawalOf(b.approvalOf(1))} {
		if posted, err := Post(b.ctx, b.db, j); posted || err != nil {
			t.Errorf("version %d again: posted %t, %v", j.Version, posted, err)
		}
	}
	b.holds()
}

// TestNothingIsTakenFromAClosedAccount, not even by a reversal, which may take from a frozen one.
func TestNothingIsTakenFromAClosedAccount(t *testing.T) {
	b := newBooks(t)
	first := b.approvalOf(1)
	b.post(first)
	settled := Journal{Agency: 101, Book: Live, ID: numbered(9), Version: 1, BusinessDay: saturday, Transfers: []Transfer{
		{Debit: b.id(Live, "R-101-140101-01"), Credit: House(101, Live, Clearing), Amount: first.Transfers[0].Amount}}}
	b.post(settled)
	approval := b.approval()
	b.must(b.inTx(func(tx pgx.Tx) error { return Close(b.ctx, tx, b.id(Live, "R-101-140101-01"), approval) }))
	if posted, err := Post(b.ctx, b.db, withdrawalOf(first)); posted || !fault.Is(err, fault.Conflict) {
		t.Errorf("posted %t, %v", posted, err)
	}
	b.holds()
}

// TestSheetIsOneOfItsJournals alone: in whatever order they come, and whatever the sheet held before.
func TestSheetIsOneOfItsJournals(t *testing.T) {
	one, two := sound(), sound()
	two.Agency, two.ID = 105, numbered(2)
	two.Transfers = slices.Clone(two.Transfers)
	slices.Reverse(two.Transfers)
	of := func(s *Sheet, journals ...Journal) [][]byte {
		t.Helper()
		s.Reset()
		for i := range journals {
			if err := s.Add(&journals[i]); err != nil {
				t.Fatal(err)
			}
		}
		return s.Balances(1)
	}
	var used Sheet
	want := of(new(Sheet), one, two)
	if !used.Empty() || slices.EqualFunc(want, of(&used, one), bytes.Equal) || used.Empty() {
		t.Error("a sheet of one is as one of two, or a new one is not empty")
	}
	if got := of(&used, two, one); !slices.EqualFunc(want, got, bytes.Equal) {
		t.Errorf("in another order the balances are %x, want %x", got, want)
	}
	if of(&used); !used.Empty() {
		t.Error("a sheet that was reset is not empty")
	}
}

// TestReferencesAreBounded at the first and last agency and the longest code.
func TestReferencesAreBounded(t *testing.T) {
	for text, good := range map[string]bool{
		"clearing@1": true, "clearing@9999999": true, "clearing@10000000": false, "clearing@4294967397": false, "clearing@99999999999": false,
		strings.Repeat("x", 64): true, strings.Repeat("x", 65): false,
	} {
		if r, err := ParseReference(text); good != (err == nil) {
			t.Errorf("%s: %+v, %v", text, r, err)
		}
	}
}

// TestStatementQueries: a page has its bounds, a clearing account of one day the lines of that day, and a place in a statement only the form
// in which it was given.
func TestStatementQueries(t *testing.T) {
	for limit, want := range map[int]int{-1: defaultStatementLines, 0: defaultStatementLines, 1: 1, MaxStatementLines: MaxStatementLines, MaxStatementLines + 1: MaxStatementLines} {
		if got := (StatementQuery{Limit: limit}).limit(); got != want {
			t.Errorf("a page of %d lines has %d, want %d", limit, got, want)
		}
	}
	if _, err := (StatementQuery{Book: 3}).start(); !fault.Is(err, fault.Invalid) {
		t.Errorf("a statement of a third book: %v", err)
	}
	first, last := calendar.On(1, time.January, 1), calendar.On(9999, time.December, 31)
	for _, c := range []struct{ from, to, day, wantFrom, wantTo calendar.Date }{
		{0, 0, 0, first, last}, {saturday, 0, 0, saturday, last}, {0, saturday, 0, first, saturday}, {0, 0, saturday, saturday, saturday},
		{saturday.Add(-3), saturday.Add(3), saturday, saturday, saturday}, {saturday.Add(1), 0, saturday, saturday.Add(1), saturday},
		{0, saturday.Add(-1), saturday, saturday, saturday.Add(-1)},
	} {
		from, to := StatementQuery{From: c.from, To: c.to, Account: Reference{Code: "clearing", Day: c.day}}.period()
		if !from.Equal(c.wantFrom.Time()) || !to.Equal(c.wantTo.Time()) {
			t.Errorf("%+v is from %s to %s", c, from, to)
		}
	}
	p := position{day: saturday, agency: 101, journal: numbered(7), version: 2, line: 3, account: NewAccountID(101, Live, 100), balance: -5}
	if back, err := parsePosition(p.String()); err != nil || back != p {
		t.Errorf("%s comes back as %s, %v", p, back, err)
	}
	for _, s := range []string{"x", p.String() + " ", p.String() + "x", " " + p.String(), "0" + p.String(), strings.Replace(p.String(), ".", "..", 1),
		p.String()[:len(p.String())-2], strings.ToUpper(strings.Replace(p.String(), "7.", "a.", 1))} {
		if back, err := parsePosition(s); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is read as %s", s, back)
		}
	}
}
