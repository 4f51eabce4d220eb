package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// Post writes one journal in a transaction of its own: a group of one on the ledger's own lane, for postings that no
// recorder makes. posted is false when the same journal is there already.
//
// fault.Conflict: the id and version are taken by a journal of other content, the business day is not open, or an account
// takes no postings. A reversal may take back what it credited to an account that is frozen now, because the network's
// reversal is a fact and the money must go back; it may not credit one, and nothing is posted to a closed one.
// fault.Invalid: broken shape, or a reversal that does not take back exactly what the journal it names credited.
// fault.Unknown: COMMIT's outcome is not known; posting again tells.
func Post(ctx context.Context, db postgres.DB, j Journal) (posted bool, err error) {
	if err := Check(j); err != nil {
		return false, err
	}
	err = within(ctx, db, "post journal "+j.name(), func(tx pgx.Tx) error {
		if err := fence(ctx, tx); err != nil {
			return err
		}
		there, err := find(ctx, tx, j.Agency, j.ID, j.Version)
		if err != nil {
			return err
		}
		if there != nil {
			return sameContent(*there, j)
		}
		if err := postable(ctx, tx, j); err != nil {
			return err
		}
		posted = true
		return Record(ctx, tx, lane, []Journal{j})
	})
	return posted && err == nil, err
}

// fence locks the ledger's own lane: posts follow one another, and whoever freezes an account or closes a day waits.
func fence(ctx context.Context, tx pgx.Tx) error {
	done, err := tx.Exec(ctx, `UPDATE lane SET beat = beat + 1 WHERE id = $1`, lane)
	if err != nil {
		return postgres.Failed("lock the ledger's lane", err)
	}
	if done.RowsAffected() != 1 {
		return fault.New(fault.Bug, "the ledger's lane %d does not exist", lane)
	}
	return nil
}

func sameContent(there, j Journal) error {
	same := there.Book == j.Book && there.Reverses == j.Reverses && there.BusinessDay == j.BusinessDay &&
		slices.Equal(there.Transfers, j.Transfers)
	if !same {
		return fault.New(fault.Conflict, "journal %s is there already with other content", j.name())
	}
	return nil
}

// postable checks the journal against the state of the books: its day, its accounts, the journal it reverses.
func postable(ctx context.Context, tx pgx.Tx, j Journal) error {
	days, err := DayStates(ctx, tx, j.Book, []calendar.Date{j.BusinessDay})
	if err != nil {
		return err
	}
	if state := days[j.BusinessDay]; state != DayOpen {
		return fault.New(fault.Conflict, "journal %s: business day %s is not open", j.name(), j.BusinessDay)
	}
	day := j.BusinessDay.Time()
	refused, err := refusals(ctx, tx, &day, j.accounts())
	if err != nil {
		return err
	}
	for _, account := range j.accounts() { // In the journal's order, so that the answer is always the same.
		if state, is := refused[account]; is && !(state == Frozen && j.onlyTakesFrom(account)) {
			return fault.New(fault.Conflict, "journal %s: account %d is %s", j.name(), account, state)
		}
	}
	return reversible(ctx, tx, j)
}

// reversible checks a reversal against its original, and that nothing has reversed it before.
func reversible(ctx context.Context, tx pgx.Tx, j Journal) error {
	if j.Reverses == 0 {
		return nil
	}
	original, err := find(ctx, tx, j.Agency, j.ID, j.Reverses)
	if err != nil {
		return err
	}
	if original == nil {
		return fault.New(fault.NotFound, "journal %s reverses version %d, which is not there", j.name(), j.Reverses)
	}
	var by *int16
	err = tx.QueryRow(ctx, `
		SELECT min(version) FROM transfer
		 WHERE agency = $1 AND journal = $2 AND reverses = $3
		   AND business_day IN (SELECT day FROM business_day WHERE book = $4)`, j.Agency, j.ID, j.Reverses, j.Book).Scan(&by)
	if err != nil {
		return postgres.Failed("look for a reversal of "+j.name(), err)
	}
	if by != nil {
		return fault.New(fault.Conflict, "journal %s: version %d is reversed already by version %d", j.name(), j.Reverses, *by)
	}
	return checkReversal(*original, j)
}

// onlyTakesFrom reports whether the journal is a reversal that takes money from the account and gives it none.
func (j Journal) onlyTakesFrom(account AccountID) bool {
	return j.Reverses != 0 && !slices.ContainsFunc(j.Transfers, func(t Transfer) bool { return t.Credit == account })
}

// accounts lists the accounts of both sides, each once, in the order of the transfers.
func (j Journal) accounts() []AccountID {
	var ids []AccountID
	for _, t := range j.Transfers {
		for _, id := range [...]AccountID{t.Debit, t.Credit} {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// find reads a journal whatever its business day; nil if it is not there. The days that exist are few, so the key's index
// is asked once for each instead of every part of the table being read.
func find(ctx context.Context, q postgres.Querier, agency int32, id [16]byte, version int16) (*Journal, error) {
	rows, err := q.Query(ctx, `
		SELECT business_day, book, reverses, debit, credit, amount FROM transfer
		 WHERE agency = $1 AND journal = $2 AND version = $3 AND business_day IN (SELECT day FROM business_day)
		 ORDER BY business_day, line`, agency, id, version)
	doing := "read journal " + journalName(agency, id, version)
	if err != nil {
		return nil, postgres.Failed(doing, err)
	}
	j := &Journal{Agency: agency, ID: id, Version: version}
	var day time.Time
	var debit, credit AccountID
	var amount money.Rial
	_, err = pgx.ForEachRow(rows, []any{&day, &j.Book, &j.Reverses, &debit, &credit, &amount}, func() error {
		j.BusinessDay = calendar.FromDB(day)
		j.Transfers = append(j.Transfers, Transfer{Debit: debit, Credit: credit, Amount: amount})
		return nil
	})
	if err != nil || len(j.Transfers) == 0 {
		return nil, postgres.Failed(doing, err)
	}
	return j, nil
}
