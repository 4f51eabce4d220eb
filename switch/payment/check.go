package payment

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Violation is one breach of an invariant, with the id of the payment or account.
type Violation struct {
	Invariant string `json:"invariant"` // I1 to I7
	Rule      string `json:"rule"`
	ID        string `json:"id"`
	Detail    string `json:"detail"`
}

// violationsLimit bounds the violations that one check reports per rule.
const violationsLimit = 100

// invariant is a rule with the query that finds its violations: id and detail.
type invariant struct{ name, rule, query string }

// state folds every payment into the columns that the rules use.
const state = `
WITH state AS (
	SELECT p.agency, p.opened_on, p.id, p.rrn, p.amount, p.opened_at, p.deadline, p.send_before, p.book,
	       coalesce(last.status, 'PENDING') AS status, coalesce(last.version, 0) AS version,
	       said.held, posted.version AS posted, posted.business_day AS posted_day
	  FROM payment p
	  LEFT JOIN LATERAL (SELECT status, version FROM event e
	       WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id
	       ORDER BY version DESC LIMIT 1) last ON true
	  LEFT JOIN LATERAL (SELECT max(held) AS held FROM event e
	       WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id) said ON true
	  LEFT JOIN LATERAL (SELECT version, business_day FROM event e
	       WHERE e.agency = p.agency AND e.opened_on = p.opened_on AND e.payment = p.id
	         AND e.status = 'APPROVED' AND e.was <> 'APPROVED'
	       ORDER BY version DESC LIMIT 1) posted ON true)
`

var invariants = []invariant{
	{"I2", "an approved payment has exactly one live journal of its amount", state + `
		SELECT rrn::text, 'posted ' || coalesce(sum(t.amount), 0) || ' of ' || s.amount
		  FROM state s LEFT JOIN transfer t ON t.agency = s.agency AND t.business_day = s.posted_day
		       AND t.journal = s.id AND t.version = s.posted
		 WHERE s.status = 'APPROVED'
		 GROUP BY s.agency, s.opened_on, s.id, s.rrn, s.amount HAVING coalesce(sum(t.amount), 0) <> s.amount`},
	{"I2", "a journal belongs to a record of its payment", `
		SELECT DISTINCT t.agency || '/' || t.journal, 'version ' || t.version || ' has no record'
		  FROM transfer t
		 WHERE EXISTS (SELECT 1 FROM payment p WHERE p.agency = t.agency AND p.id = t.journal)
		   AND NOT EXISTS (SELECT 1 FROM event e WHERE e.agency = t.agency AND e.payment = t.journal
		                   AND e.version = t.version)`},
	{"I2", "a payment that is not approved has no live journal", state + `
		SELECT s.rrn::text, s.status || ' with ' || sum(CASE WHEN t.credit % 1000000 > 99 THEN t.amount ELSE -t.amount END)
		       || ' at its beneficiaries'
		  FROM state s JOIN transfer t ON t.agency = s.agency AND t.journal = s.id
		 WHERE s.status <> 'APPROVED' AND (t.credit % 1000000 > 99) <> (t.debit % 1000000 > 99)
		 GROUP BY s.agency, s.opened_on, s.id, s.rrn, s.status
		HAVING sum(CASE WHEN t.credit % 1000000 > 99 THEN t.amount ELSE -t.amount END) <> 0`},
	{"I3", "a debit the network approved is posted, being reversed, reversed, or a case", state + `
		SELECT s.rrn::text, s.status || ' although the network debited ' || s.held
		  FROM state s
		 WHERE s.held > 0 AND s.status NOT IN ('APPROVED', 'REVERSING', 'REVERSED', 'CASE')
		   AND NOT EXISTS (SELECT 1 FROM payment_case c WHERE c.agency = s.agency AND c.opened_on = s.opened_on
		                   AND c.payment = s.id)`},
	{"I3", "a payment in doubt does not stay without an outcome", state + `
		SELECT s.rrn::text, 'without outcome since ' || s.opened_at
		  FROM state s WHERE s.status = 'PENDING' AND s.deadline + $1::interval < now()`},
	{"I3", "a case has its row", state + `
		SELECT s.rrn::text, 'CASE without a case' FROM state s
		 WHERE s.status = 'CASE' AND NOT EXISTS (SELECT 1 FROM payment_case c WHERE c.agency = s.agency
		       AND c.opened_on = s.opened_on AND c.payment = s.id)`},
	{"I3", "a case that waits for somebody is listed", `
		SELECT c.agency || '/' || c.payment, 'the case of version ' || c.version || ' is not among the open ones'
		  FROM payment_case c
		 WHERE NOT EXISTS (SELECT 1 FROM open_case o WHERE o.agency = c.agency AND o.opened_on = c.opened_on
		                   AND o.payment = c.payment AND o.version = c.version)
		   AND NOT ` + AnsweredCase},
	{"I4", "a request has at most one live payment", state + `
		SELECT min(s.rrn)::text, count(*) || ' approvals for one request' FROM state s
		  JOIN payment p USING (agency, opened_on, id) WHERE s.status = 'APPROVED'
		 GROUP BY p.acquirer, p.acceptor, p.terminal, p.stan, p.opened_on, p.local_time HAVING count(*) > 1`},
	{"I5", "records follow each other", `
		SELECT x.agency || '/' || x.payment, 'version ' || x.version || ' from ' || x.was || ' after ' || coalesce(x.before, 'none')
		  FROM (SELECT agency, payment, version, was,
		               lag(status) OVER w AS before, lag(version, 1, 0::smallint) OVER w AS previous
		          FROM event WINDOW w AS (PARTITION BY agency, opened_on, payment ORDER BY version)) x
		 WHERE x.version <> x.previous + 1
		    OR x.was IS DISTINCT FROM coalesce(x.before, CASE WHEN x.was = '' THEN '' ELSE 'PENDING' END)`},
	{"I5", "a case is ended by two persons", `
		SELECT e.agency || '/' || e.payment, 'version ' || e.version || ' ended a case by ' || e.actor || ' without their decision'
		  FROM event e
		 WHERE e.was = 'CASE' AND e.status <> 'CASE' AND NOT EXISTS (
			SELECT 1 FROM case_proposal q JOIN case_decision d USING (agency, opened_on, payment, version, round, maker)
			 WHERE q.agency = e.agency AND q.opened_on = e.opened_on AND q.payment = e.payment AND q.version = e.version - 1
			   AND d.Verdict = 'accepted' AND d.checker <> q.maker AND upper(q.outcome) = e.status
			   AND e.actor = q.maker || '+' || d.checker)`},
	{"I6", "a payment being reversed is in the queue", state + `
		SELECT s.rrn::text, 'REVERSING without a queued reversal' FROM state s
		 WHERE s.status = 'REVERSING' AND NOT EXISTS (SELECT 1 FROM saf f WHERE f.agency = s.agency
		       AND f.opened_on = s.opened_on AND f.payment = s.id)`},
	{"I6", "a queued reversal has a payment being reversed", state + `
		SELECT f.agency || '/' || f.payment, 'queued although ' || coalesce(s.status, 'there is no payment')
		  FROM saf f LEFT JOIN state s ON s.agency = f.agency AND s.opened_on = f.opened_on AND s.id = f.payment
		 WHERE s.status IS DISTINCT FROM 'REVERSING'`},
	{"I7", "nobody is told 'approved' once a reversal is queued", `
		SELECT e.agency || '/' || e.payment, 'told 00 at version ' || e.version || ' after REVERSING'
		  FROM event e WHERE e.told = '00' AND EXISTS (
			SELECT 1 FROM event r WHERE r.agency = e.agency AND r.opened_on = e.opened_on AND r.payment = e.payment
			   AND r.status = 'REVERSING' AND r.version < e.version)`},
}

// CheckPayments checks the invariants I2 to I7 over every payment and returns the violations. It reads one snapshot,
// so that it can run beside traffic. grace is how long after its deadline a payment may be without an outcome.
func CheckPayments(ctx context.Context, db interface {
	BeginTx(context.Context, pgx.TxOptions) (pgx.Tx, error)
}, grace time.Duration) ([]Violation, error) {
	tx, err := db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("check the payments: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // it only reads
	if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0`); err != nil {
		return nil, err
	}
	var all []Violation
	for _, i := range invariants {
		found, err := i.find(ctx, tx, grace)
		if err != nil {
			return nil, fmt.Errorf("check %s (%s): %w", i.name, i.rule, err)
		}
		all = append(all, found...)
	}
	return all, nil
}

func (i invariant) find(ctx context.Context, tx pgx.Tx, grace time.Duration) ([]Violation, error) {
	query := i.query + fmt.Sprintf(" LIMIT %d", violationsLimit)
	args := []any{}
	if i.rule == "a payment in doubt does not stay without an outcome" {
		args = append(args, grace)
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Violation, error) {
		v := Violation{Invariant: i.name, Rule: i.rule}
		return v, row.Scan(&v.ID, &v.Detail)
	})
}
