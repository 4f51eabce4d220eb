package ledger

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/calendar"
	"treasury-switch/internal/rowcopy"
	"treasury-switch/money"
)

const copyTransfers = `
COPY transfer (agency, business_day, journal, version, line, book, reverses, debit, credit, amount) FROM STDIN BINARY`

// The rows arrive sorted; the ORDER BY says so to the reader and to planners that would not keep it, since the order of
// the row locks is what keeps two writers of one lane from a deadlock.
const upsertBalances = `
INSERT INTO balance AS b (agency, account, business_day, lane, debit, credit)
SELECT agency, account, day, $1, debit, credit
  FROM unnest($2::int[], $3::bigint[], $4::date[], $5::bigint[], $6::bigint[]) AS t (agency, account, day, debit, credit)
 ORDER BY agency, account, day
ON CONFLICT (agency, account, business_day, lane)
DO UPDATE SET debit = b.debit + excluded.debit, credit = b.credit + excluded.credit`

// A Sheet holds the journals of one group on their way into the books: the rows of their transfers, and what they add to
// each balance row of the lane. The caller has checked accounts and days and has fixed the winners. The zero value is
// ready for use, and Reset makes it so again. It is not safe for concurrent use.
type Sheet struct {
	transfers rowcopy.Rows
	sums      map[movementKey]turnover
}

// Reset forgets the journals and keeps the memory.
func (s *Sheet) Reset() {
	s.transfers.Reset()
	clear(s.sums)
}

// Add takes a journal in. One of broken shape is refused (fault.Invalid) and leaves nothing behind.
func (s *Sheet) Add(j *Journal) error {
	if err := Check(*j); err != nil {
		return err
	}
	if s.sums == nil {
		s.sums = map[movementKey]turnover{}
	}
	for i, t := range j.Transfers {
		s.row(j, int16(i+1), t)
		from, to := movementKey{j.Agency, j.BusinessDay, t.Debit}, movementKey{j.Agency, j.BusinessDay, t.Credit}
		s.sums[from] = turnover{s.sums[from].debit + t.Amount, s.sums[from].credit}
		s.sums[to] = turnover{s.sums[to].debit, s.sums[to].credit + t.Amount}
	}
	return nil
}

func (s *Sheet) row(j *Journal, line int16, t Transfer) {
	r := &s.transfers
	r.Row(10)
	r.Int32(j.Agency)
	r.Date(int32(j.BusinessDay))
	r.UUID(j.ID)
	r.Int16(j.Version)
	r.Int16(line)
	r.Int16(int16(j.Book))
	r.Int16(j.Reverses)
	r.Int64(int64(t.Debit))
	r.Int64(int64(t.Credit))
	r.Int64(int64(t.Amount))
}

// Copy writes the transfers inside the group's transaction. A journal that is there already is a unique violation of the
// whole group.
func (s *Sheet) Copy(ctx context.Context, conn *pgconn.PgConn) error {
	return s.transfers.Copy(ctx, conn, copyTransfers)
}

// QueueBalances adds what the journals change in the balances to a batch: one statement, each row of the lane once.
func (s *Sheet) QueueBalances(b *pgx.Batch, lane int16) {
	if len(s.sums) == 0 {
		return
	}
	m := movementColumns(s.sums)
	b.Queue(upsertBalances, lane, m.agency, m.account, m.day, m.debit, m.credit)
}

// Record writes the journals of a group in the transaction of whoever has fenced the lane.
func Record(ctx context.Context, tx pgx.Tx, lane int16, journals []Journal) error {
	var s Sheet
	for i := range journals {
		if err := s.Add(&journals[i]); err != nil {
			return err
		}
	}
	if err := s.Copy(ctx, tx.Conn().PgConn()); err != nil {
		return failed("record journals", err)
	}
	var b pgx.Batch
	s.QueueBalances(&b, lane)
	return failed("record balances", tx.SendBatch(ctx, &b).Close())
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

// movementColumns sorts the sums by the key of table balance.
func movementColumns(sums map[movementKey]turnover) movementRows {
	keys := make([]movementKey, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareMovements)
	n := len(keys)
	numbers := make(column[number], 4*n) // One allocation for four columns.
	m := movementRows{numbers[:n], numbers[n : 2*n], numbers[2*n : 3*n], numbers[3*n:], make(column[date], n)}
	for i, k := range keys {
		m.agency[i], m.account[i], m.day[i] = number(k.agency), number(k.account), date(k.day)
		m.debit[i], m.credit[i] = number(sums[k].debit), number(sums[k].credit)
	}
	return m
}
