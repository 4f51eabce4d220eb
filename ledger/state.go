package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// $2 is the business day, or NULL where validity is not asked for.
const selectRefusals = `
SELECT id, CASE WHEN a.id IS NULL THEN 'missing' WHEN a.state <> 'open' THEN a.state ELSE 'not-valid' END
  FROM unnest($1::bigint[]) AS asked (id) LEFT JOIN account a USING (id)
 WHERE a.state IS DISTINCT FROM 'open' OR $2::date < a.valid_from OR $2::date >= a.valid_to`

// refusals names those of the accounts that take no postings now, with the reason: Frozen, Closed or Missing, and NotValid
// where a day is given and the account's validity does not cover it. It reads without locks: inside a group, after its
// fence, an account that is open stays so until the group ends.
func refusals(ctx context.Context, q postgres.Querier, day *time.Time, accounts []AccountID) (map[AccountID]State, error) {
	refused := make(map[AccountID]State)
	rows, err := q.Query(ctx, selectRefusals, accountColumn(accounts), day)
	if err == nil {
		err = scanRefusals(rows, refused)
	}
	return refused, postgres.Failed("read the states of accounts", err)
}

// QueueRefusals asks, as part of a batch, which of the accounts take no postings now, and why: Frozen, Closed or Missing.
// The map is filled when the batch's results are closed. Inside a group, after its fence, an account that is open stays so
// until the group ends.
func QueueRefusals(b *pgx.Batch, accounts []AccountID, into map[AccountID]State) {
	b.Queue(selectRefusals, accountColumn(accounts), (*time.Time)(nil)).Query(func(rows pgx.Rows) error {
		return scanRefusals(rows, into)
	})
}

func scanRefusals(rows pgx.Rows, into map[AccountID]State) error {
	var id AccountID
	var state State
	_, err := pgx.ForEachRow(rows, []any{&id, &state}, func() error {
		into[id] = state
		return nil
	})
	return err
}

func accountColumn(accounts []AccountID) column[number] {
	c := make(column[number], len(accounts))
	for i, a := range accounts {
		c[i] = number(a)
	}
	return c
}

// Freeze stops all postings to an account except reversals, until Reopen. When the transaction ends, every group that saw
// the account open has committed. A frozen account stays frozen; a closed one is fault.Conflict.
// The caller's transaction must do its own writing before: Freeze ends by locking the lanes.
func Freeze(ctx context.Context, tx pgx.Tx, id AccountID) error {
	return move(ctx, tx, id, "freeze", Frozen, []State{Open, Frozen}, nil)
}

// Reopen lets a frozen account take postings again. An open account stays open; a closed one is fault.Conflict.
func Reopen(ctx context.Context, tx pgx.Tx, id AccountID) error {
	return change(ctx, tx, id, "reopen", Open, []State{Open, Frozen}, nil)
}

// Close ends an account for good. Its balance must be zero, counted after the last group that saw it open has committed;
// otherwise fault.Conflict. The approval is the id of the request that two persons have agreed on. Like Freeze it is the
// last thing a transaction does.
func Close(ctx context.Context, tx pgx.Tx, id AccountID, approval string) error {
	if err := move(ctx, tx, id, "close", Closed, []State{Open, Frozen}, &approval); err != nil {
		return err
	}
	var debit, credit money.Rial
	err := tx.QueryRow(ctx, `
		SELECT coalesce(sum(debit), 0)::bigint, coalesce(sum(credit), 0)::bigint
		  FROM balance WHERE account = $1 AND agency IN (SELECT code FROM agency)`, id).Scan(&debit, &credit)
	if err != nil {
		return postgres.Failed(fmt.Sprintf("read the balance of account %d", id), err)
	}
	if debit != credit {
		return fault.New(fault.Conflict, "account %d cannot be closed: debits of %d and credits of %d are not equal", id, debit, credit)
	}
	return nil
}

// move is change followed by the barrier.
func move(ctx context.Context, tx pgx.Tx, id AccountID, verb string, to State, from []State, closing *string) error {
	if err := change(ctx, tx, id, verb, to, from, closing); err != nil {
		return err
	}
	return barrier(ctx, tx)
}

func change(ctx context.Context, tx pgx.Tx, id AccountID, verb string, to State, from []State, closing *string) error {
	doing := fmt.Sprintf("%s account %d", verb, id)
	done, err := tx.Exec(ctx, `UPDATE account SET state = $2, closing = $4 WHERE id = $1 AND state = ANY($3)`, id, to, from, closing)
	if err != nil {
		return postgres.Failed(doing, err)
	}
	if done.RowsAffected() == 1 {
		return nil
	}
	var state State
	if err := tx.QueryRow(ctx, `SELECT state FROM account WHERE id = $1`, id).Scan(&state); err != nil {
		return postgres.Failed(doing, err)
	}
	return fault.New(fault.Conflict, "%s: it is %s", doing, state)
}
