package ledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/testdb"
)

// The days that tests post on.
var (
	saturday = calendar.On(2026, time.November, 21)
	noon     = time.Date(2026, time.November, 21, 8, 30, 0, 0, time.UTC)
)

// books is a database with agencies, accounts and days for one test.
type books struct {
	t     testing.TB
	ctx   context.Context
	db    *pgxpool.Pool // as the program
	owner *pgxpool.Pool
	byTag map[string]AccountID
	made  int // approvals
}

// newBooks opens the ledger of agencies 101 and 105 with three accounts and one open day.
func newBooks(t testing.TB) *books {
	t.Helper()
	b := &books{t: t, ctx: t.Context(), db: testdb.New(t), owner: testdb.Owner(t), byTag: map[string]AccountID{}}
	b.agency(101)
	b.agency(105)
	b.account("R-101-140101-01", Live)
	b.account("R-105-140201-01", Live)
	b.account("P-105-01", Live)
	b.day(Live, saturday)
	return b
}

func (b *books) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.owner.Exec(b.ctx, sql, args...)
	b.must(err)
}

func (b *books) agency(code int32) {
	b.t.Helper()
	b.exec(`INSERT INTO agency (code, name, name_en, state, partner, feed) VALUES ($1, 'سازمان', 'Agency', 'open', true, false)`, code)
	tx, err := b.db.Begin(b.ctx)
	b.must(err)
	b.must(AddHouse(b.ctx, tx, code))
	b.must(tx.Commit(b.ctx))
	for _, book := range []Book{Live, Test} {
		for _, a := range houseAccounts(code, book) {
			b.byTag[tag(book, a.Code)] = a.ID
		}
	}
}

func tag(book Book, code string) string { return book.String() + " " + code }

// id finds an account that the test has made.
func (b *books) id(book Book, code string) AccountID {
	b.t.Helper()
	id, ok := b.byTag[tag(book, code)]
	if !ok {
		b.t.Fatalf("no account %s in the %s book", code, book)
	}
	return id
}

// account makes an agency's account of the kind that its code says, approved by two persons.
func (b *books) account(code string, book Book) AccountID {
	b.t.Helper()
	var a Account
	parts := strings.Split(code, "-")
	_, err := fmt.Sscan(parts[1], &a.Agency)
	b.must(err)
	a.Code, a.Book, a.Kind, a.Name, a.DepositMode, a.ValidFrom = code, book, Partner, code, DepositNone, saturday.Add(-365)
	if parts[0] == "R" {
		a.Kind, a.RevenueCode = Revenue, parts[2]
	}
	tx, err := b.db.Begin(b.ctx)
	b.must(err)
	serial, err := NextSerial(b.ctx, tx, a.Agency, book)
	b.must(err)
	a.ID = NewAccountID(a.Agency, book, serial)
	a.IBAN = testIBAN(int64(a.ID))
	b.must(Add(b.ctx, tx, a, b.approval()))
	b.must(tx.Commit(b.ctx))
	b.byTag[tag(book, code)] = a.ID
	return a.ID
}

// approval makes a request that maker has made and checker has approved.
func (b *books) approval() string {
	b.t.Helper()
	b.made++
	id := fmt.Sprintf("T-%d", b.made)
	b.exec(`INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason)
		VALUES ($1, 'account.add', 1, $1, '{}', 'maker', $2, 'approved', 'checker', $2, '')`, id, noon)
	return id
}

// testIBAN gives a number its check digits: an account at the Central Bank that exists nowhere.
func testIBAN(serial int64) identity.IBAN {
	for check := range 100 {
		if iban, err := identity.ParseIBAN(fmt.Sprintf("IR%02d0100004001%012d", check, serial%1_000_000_000_000)); err == nil {
			return iban
		}
	}
	panic("no check digits fit")
}

func (b *books) day(book Book, day calendar.Date) {
	b.t.Helper()
	_, err := b.db.Exec(b.ctx, `SELECT ensure_month_partitions('transfer', $1::date, 3)`, day.Time())
	b.must(err)
	b.must(OpenDay(b.ctx, b.db, book, day, "cut-over", noon))
}

// post posts a journal that must be new.
func (b *books) post(j Journal) {
	b.t.Helper()
	posted, err := Post(b.ctx, b.db, j)
	b.must(err)
	if !posted {
		b.t.Fatalf("journal %s was there already", j.name())
	}
}

// holds fails the test unless the books agree with themselves.
func (b *books) holds() {
	b.t.Helper()
	found, err := Violations(b.ctx, b.db)
	b.must(err)
	for _, v := range found {
		b.t.Errorf("%s: %s: %s", v.Rule, v.ID, v.Detail)
	}
}

// numbered makes a payment's id of a number, so that statements list journals in the order of their numbers.
func numbered(n uint64) (id [16]byte) {
	binary.BigEndian.PutUint64(id[8:], n)
	return id
}

// approvalOf is the journal of an approved payment: the shares leave clearing for their beneficiaries.
func (b *books) approvalOf(n uint64) Journal {
	clearing := House(101, Live, Clearing)
	return Journal{
		Agency: 101, Book: Live, ID: numbered(n), Version: 1, BusinessDay: saturday,
		Transfers: []Transfer{
			{Debit: clearing, Credit: b.id(Live, "R-101-140101-01"), Amount: 10_000},
			{Debit: clearing, Credit: b.id(Live, "R-105-140201-01"), Amount: 37_500},
		},
	}
}

// withdrawalOf takes the shares back into suspense.
func withdrawalOf(original Journal) Journal {
	j := original
	j.Version, j.Reverses, j.Transfers = original.Version+1, original.Version, nil
	for _, t := range original.Transfers {
		j.Transfers = append(j.Transfers, Transfer{Debit: t.Credit, Credit: House(j.Agency, j.Book, Suspense), Amount: t.Amount})
	}
	return j
}
