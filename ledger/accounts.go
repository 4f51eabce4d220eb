package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// accountColumns are the columns that scanAccount expects, in its order.
const accountColumns = `id, code, agency, book, kind, state, name, coalesce(iban, ''), coalesce(revenue_code, ''),
	province, deposit_mode, valid_from, valid_to`

// Add writes a new account. Agency accounts name the approved request of two persons that asks for them; house accounts
// have none. fault.Conflict: the id, the code or the IBAN is taken; fault.Invalid: a rule of the schema is broken.
func Add(ctx context.Context, tx pgx.Tx, a Account, approval string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO account (agency, id, book, code, kind, state, name, iban, revenue_code, province, deposit_mode,
		                     valid_from, valid_to, approval)
		VALUES ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), nullif($9, ''), $10, $11, $12, $13, nullif($14, ''))`,
		a.Agency, a.ID, a.Book, a.Code, a.Kind, Open, a.Name, string(a.IBAN), a.RevenueCode, a.Province, a.DepositMode,
		a.ValidFrom.Time(), endOrNull(a.ValidTo), approval)
	return postgres.Failed("add account "+a.Code, err)
}

// AddHouse makes the house accounts of an agency in both books; those that exist already are left alone.
func AddHouse(ctx context.Context, tx pgx.Tx, agency int32) error {
	for _, book := range []Book{Live, Test} {
		for _, a := range houseAccounts(agency, book) {
			_, err := tx.Exec(ctx, `
				INSERT INTO account (agency, id, book, code, kind, state, name, province, deposit_mode, valid_from)
				VALUES ($1, $2, $3, $4, $5, 'open', $6, '', $7, $8) ON CONFLICT (id) DO NOTHING`,
				agency, a.ID, book, a.Code, a.Kind, a.Name, a.DepositMode, a.ValidFrom.Time())
			if err != nil {
				return postgres.Failed("add house account "+a.Code, err)
			}
		}
	}
	return nil
}

func endOrNull(d calendar.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := d.Time()
	return &t
}

// NextSerial is the first free serial for an agency's account in a book. The caller keeps others from asking meanwhile.
func NextSerial(ctx context.Context, tx pgx.Tx, agency int32, book Book) (int32, error) {
	var serial int32
	err := tx.QueryRow(ctx, `
		SELECT greatest(coalesce(max(id % 1000000), 0), $3) + 1 FROM account WHERE agency = $1 AND book = $2`,
		agency, book, lastHouse).Scan(&serial)
	if err != nil {
		return 0, postgres.Failed(fmt.Sprintf("number an account of agency %d", agency), err)
	}
	if serial > maxSerial {
		return 0, fault.New(fault.Conflict, "agency %d has no account numbers left in the %s book", agency, book)
	}
	return serial, nil
}

// Find reads one account by its code. fault.NotFound: there is none in the book.
func Find(ctx context.Context, q postgres.Querier, book Book, code string) (Account, error) {
	rows, err := q.Query(ctx, `SELECT `+accountColumns+` FROM account WHERE book = $1 AND code = $2`, book, code)
	if err != nil {
		return Account{}, postgres.Failed("find account "+code, err)
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	return a, postgres.Failed("find account "+code, err)
}

// FindCodes reads the accounts of a book that have one of the codes; codes that no account has are passed over.
func FindCodes(ctx context.Context, q postgres.Querier, book Book, codes []string) ([]Account, error) {
	return findAccounts(ctx, q, `WHERE book = $1 AND code = ANY($2)`, book, codes)
}

// FindIDs reads the accounts that have one of the ids; ids that no account has are passed over.
func FindIDs(ctx context.Context, q postgres.Querier, ids []AccountID) ([]Account, error) {
	return findAccounts(ctx, q, `WHERE id = ANY($1)`, ids)
}

func findAccounts(ctx context.Context, q postgres.Querier, where string, args ...any) ([]Account, error) {
	rows, err := q.Query(ctx, `SELECT `+accountColumns+` FROM account `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, postgres.Failed("find accounts", err)
	}
	accounts, err := pgx.CollectRows(rows, scanAccount)
	return accounts, postgres.Failed("find accounts", err)
}

// AccountFilter chooses accounts for List.
type AccountFilter struct {
	Book   Book
	Agency int32  // 0 = all
	House  bool   // house accounts too
	After  string // the last code of the page before
	Limit  int    // rows of a page, at least 1
}

// List reads a page of accounts in the order of their codes.
func List(ctx context.Context, q postgres.Querier, f AccountFilter) ([]Account, error) {
	rows, err := q.Query(ctx, `
		SELECT `+accountColumns+` FROM account
		 WHERE book = $1 AND ($2 = 0 OR agency = $2) AND ($3 OR id % 1000000 > $4) AND code > $5 COLLATE "C"
		 ORDER BY code COLLATE "C" LIMIT $6`, f.Book, f.Agency, f.House, lastHouse, f.After, f.Limit)
	if err != nil {
		return nil, postgres.Failed("list accounts", err)
	}
	accounts, err := pgx.CollectRows(rows, scanAccount)
	return accounts, postgres.Failed("list accounts", err)
}

// LoadAll reads the accounts of both books for a snapshot. More than limit of them is an error, not a cut list.
func LoadAll(ctx context.Context, q postgres.Querier, limit int) ([]Account, error) {
	rows, err := q.Query(ctx, `SELECT `+accountColumns+` FROM account ORDER BY id LIMIT $1`, limit+1)
	if err != nil {
		return nil, postgres.Failed("load accounts", err)
	}
	accounts, err := pgx.CollectRows(rows, scanAccount)
	if err != nil {
		return nil, postgres.Failed("load accounts", err)
	}
	if len(accounts) > limit {
		return nil, fault.New(fault.Unavailable, "there are more than %d accounts", limit)
	}
	return accounts, nil
}

func scanAccount(row pgx.CollectableRow) (Account, error) {
	var a Account
	var from time.Time
	var to *time.Time
	err := row.Scan(&a.ID, &a.Code, &a.Agency, &a.Book, &a.Kind, &a.State, &a.Name, &a.IBAN, &a.RevenueCode,
		&a.Province, &a.DepositMode, &from, &to)
	a.ValidFrom = calendar.FromDB(from)
	if to != nil {
		a.ValidTo = calendar.FromDB(*to)
	}
	return a, err
}
