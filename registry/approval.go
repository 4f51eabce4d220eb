package registry

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// ProposeAccount asks for a new account. All faults that can be found now are refused now: form and check digits,
// an agency that does not exist, a partner's account of an agency that is no partner, a code or an IBAN that is taken.
func ProposeAccount(ctx context.Context, db postgres.DB, by access.By, n NewAccount) (Request, error) {
	a, err := n.typed()
	if err != nil {
		return Request{}, err
	}
	return propose(ctx, db, by, Request{Act: AddAccount, Book: a.Book, Account: a.Code, New: a}, func(tx pgx.Tx) error {
		return addable(ctx, tx, a)
	})
}

// ProposeAccountState asks to close or to reopen an account; act is CloseAccount or ReopenAccount.
func ProposeAccountState(ctx context.Context, db postgres.DB, by access.By, act Act, book ledger.Book, code string) (Request, error) {
	if act != CloseAccount && act != ReopenAccount {
		return Request{}, fault.New(fault.Invalid, "account %s: %q cannot be asked for", code, act)
	}
	return propose(ctx, db, by, Request{Act: act, Book: book, Account: code}, func(tx pgx.Tx) error {
		a, err := ledger.Find(ctx, tx, book, code)
		switch {
		case err != nil:
			return err
		case a.Kind.IsHouse():
			return fault.New(fault.Invalid, "account %s is a house account: it lives as long as its agency", code)
		case a.State == ledger.Closed:
			return fault.New(fault.Conflict, "account %s is closed", code)
		}
		return nil
	})
}

// FreezeAccount stops postings to an account at once, by one person: it can do no harm that cannot be undone. When it
// returns, no payment that saw the account open is still being recorded. Reopening needs a second person.
func FreezeAccount(ctx context.Context, db postgres.DB, by access.By, book ledger.Book, code string) error {
	return change(ctx, db, by, "account.freeze", accountSubject(book, code), func(tx pgx.Tx) error {
		a, err := ledger.Find(ctx, tx, book, code)
		if err != nil {
			return err
		}
		return ledger.Freeze(ctx, tx, a.ID)
	})
}

// addable checks a new account against what is there.
func addable(ctx context.Context, tx pgx.Tx, a ledger.Account) error {
	agency, err := ShowAgency(ctx, tx, a.Agency)
	if err != nil {
		return err
	}
	if agency.State == ledger.Closed {
		return fault.New(fault.Conflict, "account %s: agency %d is closed", a.Code, a.Agency)
	}
	if a.Kind == ledger.Partner && !agency.Partner {
		return fault.New(fault.Invalid, "account %s: agency %d is no partner", a.Code, a.Agency)
	}
	var other *string
	err = tx.QueryRow(ctx, `SELECT min(code) FROM account WHERE book = $1 AND (code = $2 OR (iban = $3 AND state <> 'closed'))`,
		a.Book, a.Code, string(a.IBAN)).Scan(&other)
	if err != nil {
		return postgres.Failed("look for account "+a.Code, err)
	}
	if other != nil {
		return fault.New(fault.Conflict, "account %s: its code or its IBAN belongs to %s", a.Code, *other)
	}
	return nil
}

// propose writes a request after check has found nothing against it.
func propose(ctx context.Context, db postgres.DB, by access.By, r Request, check func(pgx.Tx) error) (Request, error) {
	if !r.Book.Valid() {
		return Request{}, fault.New(fault.Invalid, "%s %s: %s does not exist", r.Act, r.Account, r.Book)
	}
	content := []byte(`{}`)
	if r.Act == AddAccount {
		var err error
		if content, err = json.Marshal(r.New); err != nil {
			return Request{}, fault.New(fault.Bug, "write request for account %s: %w", r.Account, err)
		}
	}
	r.ID, r.Maker, r.MadeAt, r.State = "CR-"+rand.Text()[:12], by.User, by.At, pending
	r.Warnings = warnings(r.New)
	err := change(ctx, db, by, string(r.Act)+".propose", accountSubject(r.Book, r.Account), func(tx pgx.Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, reason)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', '')`, r.ID, r.Act, r.Book, r.Account, content, r.Maker, r.MadeAt)
		return postgres.Failed("propose "+string(r.Act)+" "+r.Account, err)
	})
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

// Approve carries out a request. The approver is a checker and not the one who proposed (fault.Denied, and a constraint of
// the database); a request is decided once (fault.Conflict). Closing waits for running payments and demands a zero balance.
func Approve(ctx context.Context, db postgres.DB, by access.By, id string) (Request, error) {
	return decide(ctx, db, by, id, approved, "", func(tx pgx.Tx, r Request) error {
		switch r.Act {
		case AddAccount:
			return add(ctx, tx, r)
		case OpenDay:
			return openDay(ctx, tx, by, r)
		case CloseDay:
			return fault.New(fault.Invalid, "request %s is about a business day: treasury-switch day approve", r.ID)
		}
		a, err := ledger.Find(ctx, tx, r.Book, r.Account)
		if err != nil {
			return err
		}
		if r.Act == ReopenAccount {
			return ledger.Reopen(ctx, tx, a.ID)
		}
		return ledger.Close(ctx, tx, a.ID, r.ID)
	})
}

// Reject decides against a request, for a reason that its maker can read.
func Reject(ctx context.Context, db postgres.DB, by access.By, id, reason string) (Request, error) {
	return reject(ctx, db, by, id, reason, func(pgx.Tx, Request) error { return nil })
}

func reject(ctx context.Context, db postgres.DB, by access.By, id, reason string, may func(pgx.Tx, Request) error) (Request, error) {
	reason, err := access.Reason(reason)
	if err != nil {
		return Request{}, fmt.Errorf("reject %s: %w", id, err)
	}
	return decide(ctx, db, by, id, rejected, reason, may)
}

func decide(ctx context.Context, db postgres.DB, by access.By, id, to, reason string, act func(pgx.Tx, Request) error) (Request, error) {
	var r Request
	err := change(ctx, db, by, "request."+to, id, func(tx pgx.Tx) error {
		var err error
		if r, err = ShowRequest(ctx, tx, id); err != nil {
			return err
		}
		if err := mayDecide(ctx, tx, by, r); err != nil {
			return err
		}
		r.State, r.Checker, r.DecidedAt, r.Reason = to, &by.User, &by.At, reason
		_, err = tx.Exec(ctx, `UPDATE approval SET state = $2, checker = $3, decided_at = $4, reason = $5 WHERE id = $1 AND state = 'pending'`,
			id, to, by.User, by.At, reason)
		if err != nil {
			return postgres.Failed("decide request "+id, err)
		}
		return act(tx, r)
	})
	if err != nil {
		return Request{}, err
	}
	return r, nil
}

// mayDecide enforces the four-eyes rule. Changes follow one another, so the request cannot be decided meanwhile.
func mayDecide(ctx context.Context, tx pgx.Tx, by access.By, r Request) error {
	role, err := access.RoleOf(ctx, tx, by.User)
	switch {
	case err != nil:
		return err
	case r.State != pending:
		return fault.New(fault.Conflict, "request %s is %s already", r.ID, r.State)
	case r.Maker == by.User:
		return fault.New(fault.Denied, "request %s: %s proposed it, somebody else has to decide", r.ID, by.User)
	case role != access.Checker:
		return fault.New(fault.Denied, "request %s: %s is no checker", r.ID, by.User)
	}
	return nil
}

func add(ctx context.Context, tx pgx.Tx, r Request) error {
	if err := addable(ctx, tx, r.New); err != nil { // The registry may have changed since the proposal.
		return err
	}
	serial, err := ledger.NextSerial(ctx, tx, r.New.Agency, r.Book)
	if err != nil {
		return err
	}
	a := r.New
	a.ID = ledger.NewAccountID(a.Agency, a.Book, serial)
	return ledger.Add(ctx, tx, a, r.ID)
}
