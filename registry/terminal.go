package registry

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/security/access"
)

// Terminal types (F25) that sell services.
const (
	POS      = "14"
	Kiosk    = "43"
	Internet = "59"
)

// maxTerminalRange bounds the terminals of one command.
const maxTerminalRange = 10_000

// Terminal is a device that asks for payments. Its book is fixed for good: a test terminal reaches the simulator only.
type Terminal struct {
	ID     string      `json:"id"` // F41, 8 characters
	Agency int32       `json:"agency"`
	Book   ledger.Book `json:"book"`
	Type   string      `json:"type"` // F25
	State  State       `json:"state"`
	Limit  money.Rial  `json:"limit"` // of one payment; 0 = none
}

// terminalColumns give a Terminal by position.
const terminalColumns = `id, agency, book, type, state, max_amount`

// parseTerminals reads one terminal id, or a range of numbers as 10100001..10100020, both ends included.
func parseTerminals(text string) ([]string, error) {
	text = identity.Normalise(text)
	first, last, isRange := strings.Cut(text, "..")
	if !isRange {
		last = first
	}
	if !terminalID.MatchString(first) || !terminalID.MatchString(last) {
		return nil, fault.New(fault.Invalid, "terminal %q: 8 digits or capital letters are needed (F41)", text)
	}
	if !isRange {
		return []string{first}, nil
	}
	from, err1 := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err1 != nil || err2 != nil || to < from || to-from >= maxTerminalRange {
		return nil, fault.New(fault.Invalid, "terminals %q: a rising range of at most %d numbers is needed", text, maxTerminalRange)
	}
	ids := make([]string, 0, to-from+1)
	for n := from; n <= to; n++ {
		ids = append(ids, fmt.Sprintf("%08d", n))
	}
	return ids, nil
}

// AddTerminals adds one terminal, or a range of equal ones: t.ID is read by parseTerminals. Either all are added or none.
// fault.Conflict: an id is taken; fault.NotFound: there is no such agency.
func AddTerminals(ctx context.Context, db postgres.DB, by access.By, t Terminal) ([]Terminal, error) {
	ids, err := parseTerminals(t.ID)
	if err != nil {
		return nil, err
	}
	var f faults
	f.agency("agency", t.Agency)
	f.book(t.Book)
	f.check(t.Type == POS || t.Type == Kiosk || t.Type == Internet, "type", "14 (POS), 43 (kiosk) or 59 (internet) is needed")
	f.check(t.Limit >= 0 && t.Limit <= money.MaxPayment, "limit", "0 to "+money.MaxPayment.String()+" rial are possible")
	if err := f.asError("terminal " + t.ID); err != nil {
		return nil, err
	}
	t.State = ledger.Open
	err = change(ctx, db, by, "terminal.add", t.ID, func(tx pgx.Tx) error {
		if _, err := ShowAgency(ctx, tx, t.Agency); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO terminal (agency, id, book, type, state, max_amount)
			SELECT $1, id, $3, $4, $5, $6 FROM unnest($2::text[]) AS t (id)`, t.Agency, ids, t.Book, t.Type, t.State, t.Limit)
		return postgres.Failed("add terminal "+t.ID, err)
	})
	if err != nil {
		return nil, err
	}
	added := make([]Terminal, len(ids))
	for i, id := range ids {
		added[i] = t
		added[i].ID = id
	}
	return added, nil
}

// ListTerminals reads a page of terminals in the order of their ids; agency 0 means all.
func ListTerminals(ctx context.Context, q postgres.Querier, agency int32, p page.Request) (page.Listing[Terminal], error) {
	items, err := collect[Terminal](ctx, q, "list terminals", `
		SELECT `+terminalColumns+` FROM terminal WHERE ($1 = 0 OR agency = $1) AND id > $2 COLLATE "C"
		 ORDER BY id COLLATE "C" LIMIT $3`, agency, p.After, p.Size()+1)
	return page.Cut(items, p, func(t Terminal) string { return t.ID }), err
}

// ShowTerminal reads one terminal. fault.NotFound: there is none.
func ShowTerminal(ctx context.Context, q postgres.Querier, id string) (Terminal, error) {
	return one[Terminal](ctx, q, "terminal "+id, `SELECT `+terminalColumns+` FROM terminal WHERE id = $1`, id)
}

// SetTerminalState opens, freezes or closes a terminal or a range of them, all or none: unless every one exists and none
// is closed, nothing changes.
func SetTerminalState(ctx context.Context, db postgres.DB, by access.By, terminals string, to State) error {
	ids, err := parseTerminals(terminals)
	if err != nil {
		return err
	}
	return setState(ctx, db, by, "terminal", terminals, to, func(tx pgx.Tx) (int64, error) {
		done, err := tx.Exec(ctx, `UPDATE terminal SET state = $2 WHERE id = ANY($1) AND state <> 'closed'`, ids, to)
		if n := done.RowsAffected(); err != nil || n == int64(len(ids)) {
			return n, err
		}
		return 0, nil
	}, func(tx pgx.Tx) error {
		var found int
		err := tx.QueryRow(ctx, `SELECT count(*) FROM terminal WHERE id = ANY($1)`, ids).Scan(&found)
		if err == nil && found < len(ids) {
			return fault.New(fault.NotFound, "terminal %s: %d of %d are not there", terminals, len(ids)-found, len(ids))
		}
		return postgres.Failed("terminal "+terminals, err)
	})
}
