package ledger

import (
	"context"
	"fmt"

	"treasury-switch/internal/postgres"

	"github.com/jackc/pgx/v5"
)

// maxViolations bounds the report of each check: enough to see what is wrong.
const maxViolations = 100

// Violation is one place where the books break a rule.
type Violation struct {
	Rule   string `json:"rule"`   // as "balance differs from transfers"
	ID     string `json:"id"`     // what breaks it
	Detail string `json:"detail"` // the numbers
}

// violationChecks are statements that return (id, detail) for whatever breaks a rule. Each is one statement, hence one
// snapshot: transfers and balances are written together, so a check is right also while payments are being recorded.
var violationChecks = []struct{ rule, sql string }{
	{"balance differs from transfers", `
		WITH moved AS (
			SELECT agency, account, business_day, sum(debit) AS debit, sum(credit) AS credit
			  FROM account_line GROUP BY agency, account, business_day),
		kept AS (
			SELECT agency, account, business_day, sum(debit) AS debit, sum(credit) AS credit
			  FROM balance GROUP BY agency, account, business_day)
		SELECT format('%s/%s/%s', agency, account, business_day),
		       format('transfers say %s debit and %s credit, the balance says %s and %s',
		              coalesce(m.debit, 0), coalesce(m.credit, 0), coalesce(k.debit, 0), coalesce(k.credit, 0))
		  FROM moved m FULL JOIN kept k USING (agency, account, business_day)
		 WHERE (coalesce(m.debit, 0), coalesce(m.credit, 0)) <> (coalesce(k.debit, 0), coalesce(k.credit, 0))
		 ORDER BY 1 LIMIT $1`},
	{"trial balance is not zero", `
		SELECT format('%s/%s', business_day, account / 1000000 % 10), format('%s debit, %s credit', sum(debit), sum(credit))
		  FROM balance GROUP BY business_day, account / 1000000 % 10, format('%s/%s', business_day, account / 1000000 % 10)
		HAVING sum(debit) <> sum(credit) ORDER BY 1 LIMIT $1`},
	{"journal on several days or books", `
		SELECT format('%s/%s/%s', agency, replace(journal::text, '-', ''), version),
		       format('business days %s to %s, lines %s to %s', min(business_day), max(business_day), min(line), max(line))
		  FROM transfer GROUP BY agency, journal, version
		HAVING min(business_day) <> max(business_day) OR min(reverses) <> max(reverses) OR min(line) <> 1
		       OR max(line) <> count(*) OR min(book) <> max(book)
		 ORDER BY 1 LIMIT $1`},
	{"reversal differs from its original", `
		WITH original AS (
			SELECT t.agency, t.journal, r.reverses AS version, t.credit AS account, sum(t.amount) AS amount
			  FROM transfer t JOIN (SELECT DISTINCT agency, journal, reverses FROM transfer WHERE reverses > 0) r
			    ON r.agency = t.agency AND r.journal = t.journal AND r.reverses = t.version
			 GROUP BY t.agency, t.journal, r.reverses, t.credit),
		reversed AS (
			SELECT agency, journal, reverses AS version, debit AS account, sum(amount) AS amount
			  FROM transfer WHERE reverses > 0 GROUP BY agency, journal, reverses, debit)
		SELECT format('%s/%s/%s', agency, replace(journal::text, '-', ''), version),
		       format('account %s: %s credited, %s taken back', account, coalesce(o.amount, 0), coalesce(r.amount, 0))
		  FROM original o FULL JOIN reversed r USING (agency, journal, version, account)
		 WHERE o.amount IS DISTINCT FROM r.amount
		 ORDER BY 1 LIMIT $1`},
	{"transfer to an account that does not exist", `
		SELECT format('%s', account), format('agency %s on %s', agency, min(business_day))
		  FROM balance WHERE NOT EXISTS (SELECT FROM account a WHERE a.id = balance.account)
		 GROUP BY account, agency ORDER BY account LIMIT $1`},
}

// Violations recomputes the books from the transfers and reports what does not agree: invariant I1. No rows: all is well.
// It reads every transfer.
func Violations(ctx context.Context, q postgres.Querier) ([]Violation, error) {
	var found []Violation
	for _, check := range violationChecks {
		rows, err := q.Query(ctx, check.sql, maxViolations)
		if err != nil {
			return found, postgres.Failed(fmt.Sprintf("check the books (%s)", check.rule), err)
		}
		v := Violation{Rule: check.rule}
		_, err = pgx.ForEachRow(rows, []any{&v.ID, &v.Detail}, func() error {
			found = append(found, v)
			return nil
		})
		if err != nil {
			return found, postgres.Failed(fmt.Sprintf("check the books (%s)", check.rule), err)
		}
	}
	return found, nil
}
