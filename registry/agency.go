package registry

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// State is whether an entry serves payments: "open", "frozen" (can be undone) or "closed" (cannot).
type State = ledger.State

// Agency is an executive body that sells public services, or a partner that sells them for others.
type Agency struct {
	Code     int32  `json:"code"`
	Acceptor string `json:"acceptor"` // F42: the code padded with zeros to 15 digits
	Name     string `json:"name"`
	NameEn   string `json:"name_en"`
	State    State  `json:"state"`
	Partner  bool   `json:"partner"` // may have partner accounts (P-...)
	Feed     bool   `json:"feed"`    // its payments are fed to it
}

// acceptorDigits is the length of F42.
const acceptorDigits = 15

// acceptor is the F42 of an agency.
func acceptor(code int32) string { return fmt.Sprintf("%0*d", acceptorDigits, code) }

// agencyColumns give an Agency by position.
const agencyColumns = `code, lpad(code::text, 15, '0'), name, name_en, state, partner, feed`

// typed checks an agency as somebody typed it and returns it as it is stored.
func (a Agency) typed() (Agency, error) {
	var f faults
	f.agency("code", a.Code)
	a.Name = f.name("name", a.Name)
	a.NameEn = f.englishName("name_en", a.NameEn)
	f.check(a.Acceptor == "" || a.Acceptor == acceptor(a.Code), "acceptor", "it must be the code with zeros in front, 15 digits")
	a.Acceptor, a.State = acceptor(a.Code), ledger.Open
	return a, f.asError(fmt.Sprintf("agency %d", a.Code))
}

// AddAgency adds an agency with its house accounts in both books. fault.Conflict: the code is taken.
func AddAgency(ctx context.Context, db postgres.DB, by access.By, a Agency) (Agency, error) {
	a, err := a.typed()
	if err != nil {
		return Agency{}, err
	}
	subject := strconv.Itoa(int(a.Code))
	err = change(ctx, db, by, "agency.add", subject, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO agency (code, name, name_en, state, partner, feed) VALUES ($1, $2, $3, $4, $5, $6)`,
			a.Code, a.Name, a.NameEn, a.State, a.Partner, a.Feed)
		if err != nil {
			return postgres.Failed("add agency "+subject, err)
		}
		return ledger.AddHouse(ctx, tx, a.Code)
	})
	return a, err
}

// ListAgencies reads a page of agencies in the order of their codes.
func ListAgencies(ctx context.Context, q postgres.Querier, p page.Request) (page.Listing[Agency], error) {
	after := 0
	if p.After != "" {
		var err error
		if after, err = strconv.Atoi(p.After); err != nil {
			return page.Listing[Agency]{}, fault.New(fault.Invalid, "list agencies: %q is no agency code", p.After)
		}
	}
	items, err := collect[Agency](ctx, q, "list agencies",
		`SELECT `+agencyColumns+` FROM agency WHERE code > $1 ORDER BY code LIMIT $2`, after, p.Size()+1)
	return page.Cut(items, p, func(a Agency) string { return strconv.Itoa(int(a.Code)) }), err
}

// ShowAgency reads one agency. fault.NotFound: there is none.
func ShowAgency(ctx context.Context, q postgres.Querier, code int32) (Agency, error) {
	return one[Agency](ctx, q, fmt.Sprintf("agency %d", code), `SELECT `+agencyColumns+` FROM agency WHERE code = $1`, code)
}

// SetAgencyState opens, freezes or closes an agency: payments to it are then taken or answered 03. Its accounts keep
// their own states. A closed agency stays closed (fault.Conflict).
func SetAgencyState(ctx context.Context, db postgres.DB, by access.By, code int32, to State) error {
	subject := strconv.Itoa(int(code))
	return setState(ctx, db, by, "agency", subject, to, func(tx pgx.Tx) (int64, error) {
		done, err := tx.Exec(ctx, `UPDATE agency SET state = $2 WHERE code = $1 AND state <> 'closed'`, code, to)
		return done.RowsAffected(), err
	}, func(tx pgx.Tx) error {
		_, err := ShowAgency(ctx, tx, code)
		return err
	})
}

// setState changes the state of one entry. If update touches nothing, show tells a missing entry from a closed one.
func setState(ctx context.Context, db postgres.DB, by access.By, what, id string, to State, update func(pgx.Tx) (int64, error), show func(pgx.Tx) error) error {
	verb, ok := map[State]string{ledger.Open: "reopen", ledger.Frozen: "freeze", ledger.Closed: "close"}[to]
	if !ok {
		return fault.New(fault.Invalid, "%s %s: %q is no state", what, id, to)
	}
	return change(ctx, db, by, what+"."+verb, id, func(tx pgx.Tx) error {
		n, err := update(tx)
		if err != nil {
			return postgres.Failed(verb+" "+what+" "+id, err)
		}
		if n > 0 {
			return nil
		}
		if err := show(tx); err != nil {
			return err
		}
		if to == ledger.Closed {
			return nil
		}
		return fault.New(fault.Conflict, "%s %s %s: it is closed", verb, what, id)
	})
}
