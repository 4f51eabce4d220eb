package ledger

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/money"
)

const insertTransfers = `
INSERT INTO transfer (agency, business_day, journal, version, line, book, reverses, debit, credit, amount)
SELECT * FROM unnest($1::int[], $2::date[], $3::uuid[], $4::smallint[], $5::smallint[], $6::smallint[], $7::smallint[],
                     $8::bigint[], $9::bigint[], $10::bigint[])`

// The rows arrive sorted; the ORDER BY says so to the reader and to planners that would not keep it, since the order of
// the row locks is what keeps two writers of one lane from a deadlock.
const upsertBalances = `
INSERT INTO balance AS b (agency, account, business_day, lane, debit, credit)
SELECT agency, account, day, $1, debit, credit
  FROM unnest($2::int[], $3::bigint[], $4::date[], $5::bigint[], $6::bigint[]) AS t (agency, account, day, debit, credit)
 ORDER BY agency, account, day
ON CONFLICT (agency, account, business_day, lane)
DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit`

// Queue adds the journals of a group to a batch: one statement for all transfers, one for all balance rows of the lane,
// each row once. It is the hot path, to be sent inside a recorder's transaction after its fence. The caller has checked
// the accounts and days and has fixed the winners: a journal that is there already is a unique violation of the group.
// Journals of broken shape are refused (fault.Invalid) and nothing is queued; no journals queue nothing.
func Queue(b *pgx.Batch, lane int16, journals []Journal) error {
	for i := range journals {
		if err := Check(journals[i]); err != nil {
			return err
		}
	}
	if len(journals) == 0 {
		return nil
	}
	t := transferColumns(journals)
	b.Queue(insertTransfers, t.agency, t.day, t.journal, t.version, t.line, t.book, t.reverses, t.debit, t.credit, t.amount)
	m := movementColumns(journals)
	b.Queue(upsertBalances, lane, m.agency, m.account, m.day, m.debit, m.credit)
	return nil
}

// Record writes the journals of a group in the recorder's transaction: Queue in a batch of its own.
func Record(ctx context.Context, tx pgx.Tx, lane int16, journals []Journal) error {
	var b pgx.Batch
	if err := Queue(&b, lane, journals); err != nil || b.Len() == 0 {
		return err
	}
	return failed("record journals", tx.SendBatch(ctx, &b).Close())
}

// transferRows holds the rows of table transfer by column.
type transferRows struct {
	agency, version, line, book, reverses, debit, credit, amount column[number]
	day                                                          column[date]
	journal                                                      column[key]
}

// transferColumns lays out the transfers sorted by key, which keeps neighbours on the same pages of the index.
func transferColumns(journals []Journal) transferRows {
	order, n := make([]*Journal, len(journals)), 0
	for i := range journals {
		order[i] = &journals[i]
		n += len(journals[i].Transfers)
	}
	slices.SortFunc(order, compareJournals)
	numbers := make(column[number], 8*n) // One allocation for eight columns.
	col := func(i int) column[number] { return numbers[i*n : i*n : (i+1)*n] }
	r := transferRows{col(0), col(1), col(2), col(3), col(4), col(5), col(6), col(7), make(column[date], 0, n), make(column[key], 0, n)}
	for _, j := range order {
		for i, t := range j.Transfers {
			r.agency = append(r.agency, number(j.Agency))
			r.day = append(r.day, date(j.BusinessDay))
			r.journal = append(r.journal, key(j.ID))
			r.version = append(r.version, number(j.Version))
			r.line = append(r.line, number(i+1))
			r.book = append(r.book, number(j.Book))
			r.reverses = append(r.reverses, number(j.Reverses))
			r.debit = append(r.debit, number(t.Debit))
			r.credit = append(r.credit, number(t.Credit))
			r.amount = append(r.amount, number(t.Amount))
		}
	}
	return r
}

func compareJournals(a, b *Journal) int {
	return cmp.Or(cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.BusinessDay, b.BusinessDay),
		bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Version, b.Version))
}

// movementKey is what a balance row of a lane is found by.
type movementKey struct {
	agency  int32
	day     calendar.Date
	account AccountID
}

func compareMovements(a, b movementKey) int {
	return cmp.Or(cmp.Compare(a.agency, b.agency), cmp.Compare(a.account, b.account), cmp.Compare(a.day, b.day))
}

// turnover is what moved on both sides of an account.
type turnover struct{ debit, credit money.Rial }

// movementRows holds what is added to table balance, by column.
type movementRows struct {
	agency, account, debit, credit column[number]
	day                            column[date]
}

// movementColumns adds up the transfers by agency, account and day and sorts the sums by the key of table balance.
func movementColumns(journals []Journal) movementRows {
	sums := make(map[movementKey]turnover, 2*len(journals))
	for i := range journals {
		j := &journals[i]
		for _, t := range j.Transfers {
			from := movementKey{j.Agency, j.BusinessDay, t.Debit}
			to := movementKey{j.Agency, j.BusinessDay, t.Credit}
			sums[from] = turnover{sums[from].debit + t.Amount, sums[from].credit}
			sums[to] = turnover{sums[to].debit, sums[to].credit + t.Amount}
		}
	}
	keys := make([]movementKey, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareMovements)
	n := len(keys)
	numbers := make(column[number], 4*n)
	m := movementRows{numbers[:n], numbers[n : 2*n], numbers[2*n : 3*n], numbers[3*n:], make(column[date], n)}
	for i, k := range keys {
		m.agency[i], m.account[i], m.day[i] = number(k.agency), number(k.account), date(k.day)
		m.debit[i], m.credit[i] = number(sums[k].debit), number(sums[k].credit)
	}
	return m
}
