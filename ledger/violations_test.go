package ledger

import "testing"

// TestViolationsAreFound breaks the books behind the program's back, one way at a time, and expects to be told where.
func TestViolationsAreFound(t *testing.T) {
	cases := []struct{ name, sql, rule, id string }{
		{"balance raised", `UPDATE balance SET credit = credit + 1 WHERE account = 1011000100`,
			"balance differs from transfers", "101/1011000100/2026-11-21"},
		{"balance row removed", `DELETE FROM balance WHERE account = 1011000100`,
			"balance differs from transfers", "101/1011000100/2026-11-21"},
		{"balances do not add up", `UPDATE balance SET debit = debit + 1 WHERE account = 1011000100`,
			"trial balance is not zero", "2026-11-21/1"},
		{"transfer removed", `DELETE FROM transfer WHERE line = 2 AND version = 1`,
			"balance differs from transfers", "101/1011000001/2026-11-21"},
		{"first line removed", `DELETE FROM transfer WHERE line = 1 AND version = 1`,
			"journal on several days or books", "101/00000000000000000000000000000001/1"},
		{"a line between removed", `DELETE FROM transfer WHERE line = 2 AND agency = 105`,
			"journal on several days or books", "105/00000000000000000000000000000002/1"},
		{"a line on another day", `UPDATE transfer SET business_day = business_day + 1 WHERE version = 1 AND line = 2 AND agency = 101`,
			"journal on several days or books", "101/00000000000000000000000000000001/1"},
		{"a line that reverses nothing", `UPDATE transfer SET reverses = 0 WHERE version = 2 AND line = 2`,
			"journal on several days or books", "101/00000000000000000000000000000001/2"},
		{"taken from another account", `UPDATE transfer SET debit = 1051000101 WHERE version = 2 AND line = 1`,
			"reversal differs from its original", "101/00000000000000000000000000000001/1"},
		{"reversal changed", `UPDATE transfer SET amount = amount - 1 WHERE version = 2 AND line = 1`,
			"reversal differs from its original", "101/00000000000000000000000000000001/1"},
		{"original removed", `DELETE FROM transfer WHERE version = 1`,
			"reversal differs from its original", "101/00000000000000000000000000000001/1"},
		{"account unknown", `UPDATE balance SET account = 1011000777 WHERE account = 1011000100`,
			"transfer to an account that does not exist", "1011000777"},
	}
	b := newBooks(t)
	b.post(b.approvalOf(1))
	b.post(withdrawalOf(b.approvalOf(1)))
	three := b.approvalOf(2)
	three.Agency, three.Transfers = 105, append(three.Transfers, three.Transfers[0])
	b.post(three)
	b.holds()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tx, err := b.owner.Begin(b.ctx)
			b.must(err)
			defer tx.Rollback(b.ctx)
			_, err = tx.Exec(b.ctx, c.sql)
			b.must(err)
			found, err := Violations(b.ctx, tx)
			b.must(err)
			for _, v := range found {
				if v.Rule == c.rule && v.ID == c.id {
					return
				}
			}
			t.Errorf("want %s of %s, got %+v", c.rule, c.id, found)
		})
	}
}
