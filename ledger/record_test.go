package ledger

import (
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/money"
)

// counts reads how many rows the money tables hold.
func (b *books) counts() (transfers, balances int) {
	b.t.Helper()
	b.must(b.owner.QueryRow(b.ctx, `SELECT (SELECT count(*) FROM transfer), (SELECT count(*) FROM balance)`).Scan(&transfers, &balances))
	return transfers, balances
}

func (b *books) lane(id int16) {
	b.t.Helper()
	b.exec(`INSERT INTO lane (id, epoch, beat, owner) VALUES ($1, 0, 0, 'test')`, id)
}

// group begins a recorder's transaction on a lane.
func (b *books) group(lane int16) pgx.Tx {
	tx, err := b.db.Begin(b.ctx)
	if err != nil {
		b.t.Error(err)
		return nil
	}
	if _, err := tx.Exec(b.ctx, `UPDATE lane SET beat = beat + 1 WHERE id = $1`, lane); err != nil {
		b.t.Error(err)
	}
	return tx
}

// kill ends a transaction as the death of the program would: the connection is gone.
func (b *books) kill(tx pgx.Tx) {
	b.t.Helper()
	b.must(tx.Conn().Close(b.ctx))
	_ = tx.Rollback(b.ctx) // Gives the dead connection back to the pool.
}

// TestE7_HalfTheJournalLines tries to leave half a journal behind, in every way the program or its database could.
func TestE7_HalfTheJournalLines(t *testing.T) {
	b := newBooks(t)
	t.Run("killed before commit", func(t *testing.T) {
		tx := b.group(lane)
		b.must(Record(b.ctx, tx, lane, []Journal{b.approvalOf(1)}))
		b.kill(tx)
	})
	t.Run("killed between transfers and balances", func(t *testing.T) {
		tx := b.group(lane)
		var s Sheet
		j := b.approvalOf(2)
		b.must(s.Add(&j))
		b.must(s.Transfers().Copy(b.ctx, tx.Conn().PgConn(), CopyTransfers))
		b.kill(tx)
	})
	t.Run("second line refused by the database", func(t *testing.T) {
		tx := b.group(lane)
		var s Sheet
		j := b.approvalOf(3)
		j.Transfers[1].Amount = 0
		for i, line := range j.Transfers {
			s.row(&j, int16(i+1), line)
		}
		if err := s.Transfers().Copy(b.ctx, tx.Conn().PgConn(), CopyTransfers); postgres.State(err) != postgres.CheckViolation {
			t.Errorf("got %v, want a check violation", err)
		}
		b.kill(tx)
	})
	t.Run("second line refused by the shape", func(t *testing.T) {
		spoilt := b.approvalOf(4)
		spoilt.Transfers[1].Amount = 0
		tx := b.group(lane)
		err := Record(b.ctx, tx, lane, []Journal{b.approvalOf(5), spoilt})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("got %v, want a refusal as invalid", err)
		}
		b.must(tx.Commit(b.ctx)) // Even a caller that commits nevertheless has written nothing of the group.
	})
	if transfers, balances := b.counts(); transfers != 0 || balances != 0 {
		t.Errorf("%d transfers and %d balances were left behind", transfers, balances)
	}
	b.holds()
}

// TestE8_TwoLanesOnTheSameAccounts: recorders that credit the same accounts in opposite orders neither deadlock nor lose.
func TestE8_TwoLanesOnTheSameAccounts(t *testing.T) {
	b := newBooks(t)
	b.lane(1)
	b.lane(2)
	const groups, size = 20, 25
	var done sync.WaitGroup
	for l := int16(1); l <= 2; l++ {
		done.Go(func() {
			for g := range groups {
				var journals []Journal
				for i := range size {
					j := b.approvalOf(uint64(int(l)*1_000_000 + g*size + i + 1))
					if (g+i)%2 == 0 {
						j.Transfers[0], j.Transfers[1] = j.Transfers[1], j.Transfers[0]
					}
					journals = append(journals, j)
				}
				tx := b.group(l)
				if err := errors.Join(Record(b.ctx, tx, l, journals), tx.Commit(b.ctx)); err != nil {
					t.Errorf("lane %d group %d: %v", l, g, err)
				}
			}
		})
	}
	done.Wait()
	b.holds()
	at, err := BalanceAt(b.ctx, b.db, Live, Reference{Code: "R-105-140201-01"}, saturday)
	b.must(err)
	if want := money.Rial(2 * groups * size * 37_500); at.Balance != want {
		t.Errorf("balance is %s, want %s", at.Balance, want)
	}
	if _, balances := b.counts(); balances != 2*3 {
		t.Errorf("%d balance rows, want one for each lane and account", balances)
	}
}

// TestPostOnceOfMany: the same journal posted by many at once is credited once.
func TestPostOnceOfMany(t *testing.T) {
	b := newBooks(t)
	var mu sync.Mutex
	var done sync.WaitGroup
	wins := 0
	for range 6 {
		done.Go(func() {
			posted, err := Post(b.ctx, b.db, b.approvalOf(1))
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if posted {
				wins++
			}
		})
	}
	done.Wait()
	if transfers, _ := b.counts(); wins != 1 || transfers != 2 {
		t.Errorf("%d were told 'posted', %d transfers; want 1 and 2", wins, transfers)
	}
	b.holds()
}

// TestDatabaseRestatesTheRules: what Check refuses, the database refuses too, whoever writes.
func TestDatabaseRestatesTheRules(t *testing.T) {
	b := newBooks(t)
	clearing, revenue := House(101, Live, Clearing), b.id(Live, "R-101-140101-01")
	cases := []struct {
		name                    string
		version, line, reverses int16
		book                    Book
		debit, credit           AccountID
		amount                  money.Rial
	}{
		{"zero", 1, 1, 0, Live, clearing, revenue, 0},
		{"negative", 1, 1, 0, Live, clearing, revenue, -1},
		{"one account on both sides", 1, 1, 0, Live, revenue, revenue, 1},
		{"third book", 1, 1, 0, 3, NewAccountID(101, 3, 1), NewAccountID(101, 3, 2), 1},
		{"debit of the other book", 1, 1, 0, Live, House(101, Test, Clearing), revenue, 1},
		{"credit of the other book", 1, 1, 0, Live, clearing, House(101, Test, Clearing), 1},
		{"both of the other book", 1, 1, 0, Live, House(101, Test, Clearing), House(101, Test, Suspense), 1},
		{"no serial", 1, 1, 0, Live, NewAccountID(101, Live, 0), revenue, 1},
		{"version zero", 0, 1, 0, Live, clearing, revenue, 1},
		{"line zero", 1, 0, 0, Live, clearing, revenue, 1},
		{"reverses itself", 1, 1, 1, Live, clearing, revenue, 1},
		{"reverses a negative version", 1, 1, -1, Live, clearing, revenue, 1},
	}
	for _, c := range cases {
		_, err := b.owner.Exec(b.ctx, `
			INSERT INTO transfer (agency, business_day, journal, version, line, book, reverses, debit, credit, amount)
			VALUES (101, $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			saturday.Time(), numbered(1), c.version, c.line, c.book, c.reverses, c.debit, c.credit, c.amount)
		if postgres.State(err) != postgres.CheckViolation {
			t.Errorf("%s: got %v, want a check violation", c.name, err)
		}
	}
}

// TestRuntimeRoleAppendsOnly: the program's role cannot change or remove what is booked, not even by a partition's name.
func TestRuntimeRoleAppendsOnly(t *testing.T) {
	b := newBooks(t)
	b.post(b.approvalOf(1))
	for _, sql := range []string{
		`UPDATE transfer SET amount = amount + 1`, `DELETE FROM transfer`, `TRUNCATE transfer`,
		`UPDATE transfer_y2026m11 SET amount = 1`, `DELETE FROM transfer_y2026m11`, `TRUNCATE transfer_y2026m11`,
		`DROP TABLE transfer_y2026m11`, `ALTER TABLE transfer DETACH PARTITION transfer_y2026m11`,
		`ALTER TABLE transfer DROP CONSTRAINT transfer_amount_ck`,
		`DELETE FROM balance`, `TRUNCATE balance`, `DELETE FROM account`, `UPDATE account SET iban = iban`,
		`UPDATE account SET agency = 105`, `DELETE FROM business_day`, `UPDATE business_day SET day = day + 1`,
	} {
		if _, err := b.db.Exec(b.ctx, sql); postgres.State(err) != "42501" {
			t.Errorf("%s: got %v, want permission denied", sql, err)
		}
	}
	b.holds()
}

// TestSheetAllocatesByTheGroup: the cost of a group in allocations does not grow with each of its transfers.
func TestSheetAllocatesByTheGroup(t *testing.T) {
	journals := make([]Journal, 500)
	for i := range journals {
		journals[i] = sound()
		journals[i].ID = numbered(uint64(i + 1))
		journals[i].BusinessDay = saturday + calendar.Date(i%2)
	}
	var s Sheet
	allocations := testing.AllocsPerRun(10, func() {
		s.Reset()
		for i := range journals {
			if err := s.Add(&journals[i]); err != nil {
				t.Fatal(err)
			}
		}
		s.Balances(1)
	})
	if allocations > 60 {
		t.Errorf("%v allocations for a group of 500 journals, want at most 60", allocations)
	}
}
