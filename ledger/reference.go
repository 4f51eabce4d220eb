package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// Reference is a way to name what a statement is of. It reads
//
//	R-101-140101-01          one account, by its code
//	clearing@101             a house account of one agency
//	suspense-reversal        a house account of all agencies together
//	clearing-20261121        clearing of all agencies on one business day
//	clearing-20261121@101    clearing of one agency on one business day
type Reference struct {
	Code   string        // the account's code without its agency, as "clearing" or "R-101-140101-01"
	Agency int32         // house accounts: one agency's, 0 = all
	Day    calendar.Date // clearing: one business day's, zero = all
}

// clearingDay writes the day in clearing-20261121.
const clearingDay = "20060102"

// ParseReference reads a reference. The errors are fault.Invalid; whether the account exists is not asked.
func ParseReference(s string) (Reference, error) {
	label, agency, some := strings.Cut(s, "@")
	r := Reference{Code: label}
	if some {
		code, err := strconv.ParseInt(agency, 10, 32)
		if err != nil || code < 1 || code > MaxAgency {
			return Reference{}, invalid("account %q: %q is no agency", s, agency)
		}
		r.Agency = int32(code)
	}
	if day, is := strings.CutPrefix(label, string(Clearing)+"-"); is {
		on, err := calendar.ParseCompact(day)
		if err != nil {
			return Reference{}, invalid("account %q: %q is no Gregorian day like 20261121", s, day)
		}
		r.Code, r.Day = string(Clearing), on
	}
	if some && !Kind(r.Code).IsHouse() {
		return Reference{}, invalid("account %q: %q is no house account", s, r.Code)
	}
	if r.Code == "" || len(r.Code) > 64 {
		return Reference{}, invalid("account %q is no account code", s)
	}
	return r, nil
}

// String is the inverse of ParseReference.
func (r Reference) String() string {
	s := r.Code
	if !r.Day.IsZero() {
		s += "-" + r.Day.Time().Format(clearingDay)
	}
	if r.Agency != 0 {
		s += "@" + strconv.Itoa(int(r.Agency))
	}
	return s
}

// subject is what a reference was found to mean: the accounts whose lines are read together.
type subject struct {
	ids  []AccountID
	kind Kind
	name string
}

// resolve finds the accounts that a reference names in a book. fault.NotFound: there are none.
func resolve(ctx context.Context, q postgres.Querier, book Book, r Reference) (subject, error) {
	code := r.Code
	if r.Agency != 0 {
		code = houseCode(Kind(r.Code), r.Agency)
	}
	rows, err := q.Query(ctx, `
		SELECT id, kind, name FROM account
		 WHERE book = $1 AND (code = $2 OR ($3 AND kind = $4)) ORDER BY id`,
		book, code, r.Agency == 0 && Kind(r.Code).IsHouse(), r.Code)
	doing := fmt.Sprintf("find account %s in the %s book", r, book)
	if err != nil {
		return subject{}, postgres.Failed(doing, err)
	}
	var s subject
	var id AccountID
	_, err = pgx.ForEachRow(rows, []any{&id, &s.kind, &s.name}, func() error {
		s.ids = append(s.ids, id)
		return nil
	})
	if err != nil {
		return subject{}, postgres.Failed(doing, err)
	}
	if len(s.ids) == 0 {
		return subject{}, fault.New(fault.NotFound, "%s: there is none", doing)
	}
	return s, nil
}
