package ledger

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/internal/rowcopy"
	"treasury-switch/money"
)

// CopyTransfers writes the rows of Sheet.Transfers.
const CopyTransfers = `
COPY transfer (agency, business_day, journal, version, line, book, reverses, debit, credit, amount) FROM STDIN BINARY`

// UpsertBalances adds what Sheet.Balances gives to the balances of a lane. The rows arrive sorted; the ORDER BY says so to the reader and to
// planners that would not keep it, since the order of the row locks is what keeps two writers of one lane from a deadlock.
const UpsertBalances = `
INSERT INTO balance AS b (agency, account, business_day, lane, debit, credit)
SELECT agency, account, day, $1::smallint, debit, credit
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

// Transfers are the rows of CopyTransfers, written inside the group's transaction. A journal that is there already is a
// unique violation of the whole group.
func (s *Sheet) Transfers() *rowcopy.Rows { return &s.transfers }

// Empty reports whether there is no journal.
func (s *Sheet) Empty() bool { return len(s.sums) == 0 }

// Balances are the parameters of UpsertBalances, in binary form: each row of the lane once, sorted by its key.
func (s *Sheet) Balances(lane int16) [][]byte {
	keys := make([]movementKey, 0, len(s.sums))
	for k := range s.sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareMovements)
	n := len(keys)
	agency, account, day := rowcopy.Int32s(n), rowcopy.Int64s(n), rowcopy.Dates(n)
	debit, credit := rowcopy.Int64s(n), rowcopy.Int64s(n)
	for _, k := range keys {
		agency.Int32(k.agency)
		account.Int64(int64(k.account))
		day.Date(int32(k.day))
		debit.Int64(int64(s.sums[k].debit))
		credit.Int64(int64(s.sums[k].credit))
	}
	return [][]byte{rowcopy.Int16(lane), agency.Parameter(), account.Parameter(), day.Parameter(), debit.Parameter(), credit.Parameter()}
}

// Record writes the journals of a group in the transaction of whoever has fenced the lane.
func Record(ctx context.Context, tx pgx.Tx, lane int16, journals []Journal) error {
	var s Sheet
	for i := range journals {
		if err := s.Add(&journals[i]); err != nil {
			return err
		}
	}
	if s.Empty() {
		return nil
	}
	conn := tx.Conn().PgConn()
	if err := s.transfers.Copy(ctx, conn, CopyTransfers); err != nil {
		return postgres.Failed("record journals", err)
	}
	return postgres.Failed("record balances", conn.ExecParams(ctx, UpsertBalances, s.Balances(lane), nil, binaryParameters, nil).Read().Err)
}

// binaryParameters tells PostgreSQL that all parameters of a statement come in binary form.
var binaryParameters = []int16{pgx.BinaryFormatCode}

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
