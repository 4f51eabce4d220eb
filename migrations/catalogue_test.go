package migrations_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/testdb"
)

// The tables that a money transaction writes (those of them that exist), and those of them whose rows never change.
const (
	moneyTables      = `'payment', 'event', 'transfer', 'balance', 'saf', 'outbox', 'payment_case', 'open_case', 'open_payment', 'unmatched', 'case_proposal', 'case_decision'`
	appendOnlyTables = `'payment', 'event', 'transfer', 'payment_case', 'case_proposal', 'case_decision'`
)

// changingColumns are all columns that the program changes; everything else in the schema is inserted once, or removed.
const changingColumns = `'lane.epoch', 'lane.beat', 'lane.owner', 'lane.closings', 'lane.incarnation', 'lane.abandoned_at', 'open_payment.due_at', 'unmatched.next_at',
	'agency.state', 'terminal.state', 'service.state', 'account.state', 'account.closing', 'registry_version.version',
	'approval.state', 'approval.checker', 'approval.decided_at', 'approval.reason', 'business_day.state', 'business_day.closed_at',
	'business_day.closed_by', 'business_day.closing',
	'balance.debit', 'balance.credit', 'pan_key.wrapped', 'pan_key.destroyed_at', 'tariff_revision.revision',
	'tariff_state.step', 'tariff_state.state', 'tariff_state.until', 'tariff_state.actor', 'tariff_state.at', 'tariff_state.entered_by',
	'tariff_state.submitted_by', 'tariff_state.approved_by', 'tariff_state.successor',
	'saf.tries', 'saf.rejects', 'saf.next_at', 'saf.claimed_until', 'sweep_mark.swept_until', 'pan_key_search.done_until'`

// ours are the relations of the schema, without the migration runner's own table, which is not written here, and without
// what belongs to an extension.
const ours = `WITH ours AS (
	SELECT c.oid, c.relname, c.relkind, c.relispartition, c.relacl
	  FROM pg_class c
	 WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'goose\_db\_version%'
	   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
) `

// rule is one rule of README.md: a query for what offends it, and a change of the schema that would.
type rule struct {
	name   string
	query  string
	breaks string
}

// TestCatalogueFollowsTheRules reads the catalogue of a migrated database.
func TestCatalogueFollowsTheRules(t *testing.T) {
	withPartitions(t)
	owner := testdb.Owner(t)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			rows, err := owner.Query(t.Context(), ours+r.query)
			offenders := names(t, rows, err)
			if len(offenders) > 0 {
				t.Errorf("against the rule %q of migrations/README.md: %v", r.name, offenders)
			}
		})
	}
}

// TestCatalogueRulesBite breaks each rule once and rolls back.
func TestCatalogueRulesBite(t *testing.T) {
	owner := testdb.Owner(t)
	ground := `CREATE TABLE IF NOT EXISTS payment (agency int NOT NULL, CONSTRAINT payment_pk PRIMARY KEY (agency));
		ALTER TABLE payment ADD COLUMN n_break int, ADD COLUMN lane_break smallint`
	for _, r := range rules() {
		tx, err := owner.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), ground+"; "+r.breaks); err != nil {
			t.Errorf("%s: %v", r.name, err)
		} else {
			rows, err := tx.Query(t.Context(), ours+r.query)
			if len(names(t, rows, err)) == 0 {
				t.Errorf("%s: nobody noticed %s", r.name, r.breaks)
			}
		}
		if err := tx.Rollback(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func names(t *testing.T, rows pgx.Rows, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return found
}
