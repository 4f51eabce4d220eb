package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/ledger"
)

// Act is what a request of two persons asks for.
type Act string

// The acts that need a second person.
const (
	AddAccount    Act = "account.add"
	CloseAccount  Act = "account.close"
	ReopenAccount Act = "account.reopen"
	OpenDay       Act = "day.open"
)

// States of a request.
const (
	pending  = "pending"
	approved = "approved"
	rejected = "rejected"
)

// maxReason bounds the reason of a rejection, in characters.
const maxReason = 400

// Request is a change of an account, or a business day to be opened, that one person has proposed and another has to decide.
type Request struct {
	ID        string         `json:"id"`
	Act       Act            `json:"act"`
	Book      ledger.Book    `json:"book"`
	Account   string         `json:"account"`      // the account's code, or the business day as 2026-11-21
	New       ledger.Account `json:"new,omitzero"` // what is to be added; empty for the other acts
	Maker     string         `json:"maker"`
	MadeAt    time.Time      `json:"made_at"`
	State     string         `json:"state"`   // pending, approved or rejected
	Checker   *string        `json:"checker"` // who decided; never the maker
	DecidedAt *time.Time     `json:"decided_at"`
	Reason    string         `json:"reason"`          // of a rejection
	Warnings  []string       `json:"warnings" db:"-"` // what the checker should look at
}

// requestColumns are the columns that scanRequest expects, in its order.
const requestColumns = `id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason`

// ShowRequest reads one request. fault.NotFound: there is none.
func ShowRequest(ctx context.Context, q ledger.Querier, id string) (Request, error) {
	rows, err := q.Query(ctx, `SELECT `+requestColumns+` FROM approval WHERE id = $1`, id)
	if err != nil {
		return Request{}, failed("request "+id, err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRequest)
	return r, failed("request "+id, err)
}

// Pending reads a page of the requests that wait for a second person, the oldest first.
func Pending(ctx context.Context, q ledger.Querier, p Page) (Listing[Request], error) {
	rows, err := q.Query(ctx, `
		SELECT `+requestColumns+` FROM approval
		 WHERE state = 'pending' AND ($1 = '' OR (made_at, id) > (SELECT made_at, id FROM approval WHERE id = $1))
		 ORDER BY made_at, id LIMIT $2`, p.After, p.limit()+1)
	if err != nil {
		return Listing[Request]{}, failed("list requests", err)
	}
	items, err := pgx.CollectRows(rows, scanRequest)
	return listed(items, p, func(r Request) string { return r.ID }), failed("list requests", err)
}

func scanRequest(row pgx.CollectableRow) (Request, error) {
	var r Request
	var content []byte
	err := row.Scan(&r.ID, &r.Act, &r.Book, &r.Account, &content, &r.Maker, &r.MadeAt, &r.State, &r.Checker, &r.DecidedAt, &r.Reason)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(content, &r.New); err != nil {
		return r, fmt.Errorf("request %s: %w", r.ID, err)
	}
	r.Warnings = warnings(r.New)
	return r, nil
}
