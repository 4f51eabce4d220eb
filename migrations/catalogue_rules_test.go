package migrations_test

// rules lists what the catalogue can show of README.md. Each query returns the names of the offenders.
func rules() []rule {
	return append(append(keyRules(), nameRules()...), append(rightRules(), typeRules()...)...)
}

func keyRules() []rule {
	return []rule{
		{"agency comes first in every key and index of the money tables",
			`SELECT i.indexrelid::regclass::text FROM pg_index i JOIN ours t ON t.oid = i.indrelid
			  WHERE t.relname IN (` + moneyTables + `)
			    AND NOT EXISTS (SELECT 1 FROM pg_attribute a
			         WHERE a.attrelid = t.oid AND a.attnum = i.indkey[0] AND a.attname = 'agency')`,
			`CREATE INDEX payment_n_ix ON payment (n_break, agency)`},
		{"money tables have a primary key",
			`SELECT relname::text FROM ours t WHERE relkind IN ('r', 'p') AND relname IN (` + moneyTables + `)
			    AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'p')`,
			`ALTER TABLE payment DROP CONSTRAINT payment_pk CASCADE`},
		{"foreign keys of the money tables begin with agency",
			`SELECT k.conname::text FROM pg_constraint k JOIN ours t ON t.oid = k.conrelid
			  WHERE k.contype = 'f' AND t.relname IN (` + moneyTables + `)
			    AND NOT EXISTS (SELECT 1 FROM pg_attribute a
			         WHERE a.attrelid = t.oid AND a.attnum = k.conkey[1] AND a.attname = 'agency')`,
			`ALTER TABLE payment ADD CONSTRAINT payment_lane_fk FOREIGN KEY (lane_break) REFERENCES lane (id)`},
		{"no sequence and no identity column",
			`SELECT relname::text FROM ours WHERE relkind = 'S'`,
			`ALTER TABLE lane ADD COLUMN serial_break int GENERATED ALWAYS AS IDENTITY`},
		{"partitions are ranges, one level deep, without a default",
			`SELECT t.relname::text FROM ours t JOIN pg_partitioned_table p ON p.partrelid = t.oid
			  WHERE p.partstrat <> 'r' OR p.partdefid <> 0 OR t.relispartition`,
			`CREATE TABLE parted (d date) PARTITION BY LIST (d)`},
		{"no materialised view, rule or foreign table",
			`SELECT relname::text FROM ours WHERE relkind IN ('m', 'f')
			  UNION ALL SELECT r.rulename::text FROM pg_rewrite r JOIN ours t ON t.oid = r.ev_class WHERE t.relkind <> 'v'`,
			`CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n`},
	}
}

func nameRules() []rule {
	return []rule{
		{"constraints are named by their table and kind",
			`SELECT k.conname::text FROM pg_constraint k JOIN ours t ON t.oid = k.conrelid
			  WHERE k.conparentid = 0 AND k.coninhcount = 0 AND k.contype <> 'n'
			    AND (k.conname !~ ('^' || t.relname || '_([a-z0-9_]+_)?' ||
			           CASE k.contype WHEN 'p' THEN 'pk' WHEN 'c' THEN 'ck' WHEN 'f' THEN 'fk'
			                          WHEN 'u' THEN 'uq' WHEN 'x' THEN 'ex' ELSE 'tr' END || '$')
			         OR (k.contype = 'p') <> (k.conname = t.relname || '_pk'))`,
			`ALTER TABLE lane ADD CHECK (beat >= 0)`},
		{"indexes are named by their table and kind",
			`SELECT i.indexrelid::regclass::text FROM pg_index i JOIN ours t ON t.oid = i.indrelid
			   JOIN pg_class c ON c.oid = i.indexrelid
			  WHERE NOT t.relispartition AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)
			    AND c.relname !~ ('^' || t.relname || '_[a-z0-9_]+_' || CASE WHEN i.indisunique THEN 'uq' ELSE 'ix' END || '$')`,
			`CREATE INDEX ON lane (owner)`},
		{"partitions are named by their month",
			`SELECT c.relname::text FROM ours c JOIN pg_inherits h ON h.inhrelid = c.oid JOIN pg_class p ON p.oid = h.inhparent
			  WHERE c.relkind = 'r' AND c.relname !~ ('^' || p.relname || '_y[0-9]{4}m[0-9]{2}$')`,
			`CREATE TABLE parted (d date) PARTITION BY RANGE (d); CREATE TABLE parted_one PARTITION OF parted FOR VALUES FROM
			 ('2026-01-01') TO ('2026-02-01')`},
		{"names leave room for the suffixes of partitions and shards",
			`SELECT relname::text FROM ours WHERE NOT relispartition AND relkind IN ('r', 'p', 'v') AND length(relname) > 50
			  UNION ALL SELECT k.conname::text FROM pg_constraint k JOIN ours t ON t.oid = k.conrelid
			   WHERE k.conparentid = 0 AND k.coninhcount = 0 AND length(k.conname) > 50`,
			`ALTER TABLE lane ADD CONSTRAINT lane_with_a_name_that_would_be_cut_by_postgresql_when_it_grows_ck CHECK (beat >= 0)`},
	}
}

func rightRules() []rule {
	return []rule{
		{"the runtime role cannot change history",
			`SELECT t.relname || ' ' || p FROM ours t, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p
			  WHERE t.relkind IN ('r', 'p')
			    AND (t.relname IN (` + appendOnlyTables + `) OR EXISTS (SELECT 1 FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent
			          WHERE h.inhrelid = t.oid AND c.relname IN (` + appendOnlyTables + `)))
			    AND (has_table_privilege('treasury_runtime', t.oid, p)
			         OR p = 'UPDATE' AND has_any_column_privilege('treasury_runtime', t.oid, 'UPDATE'))`,
			`GRANT UPDATE (agency) ON payment TO treasury_runtime`},
		{"the runtime role changes columns, not tables",
			`SELECT relname::text FROM ours WHERE relkind IN ('r', 'p', 'v') AND has_table_privilege('treasury_runtime', oid, 'UPDATE')`,
			`GRANT UPDATE ON saf TO treasury_runtime`},
		{"the runtime role changes only the columns that change",
			`SELECT t.relname || '.' || a.attname FROM ours t JOIN pg_attribute a ON a.attrelid = t.oid
			  WHERE t.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
			    AND has_column_privilege('treasury_runtime', t.oid, a.attnum, 'UPDATE') AND t.relname || '.' || a.attname NOT IN (` + changingColumns + `)`,
			`GRANT UPDATE (amount) ON saf TO treasury_runtime`},
		{"what the runtime role takes away is a queue",
			`SELECT relname::text FROM ours WHERE relkind IN ('r', 'p', 'v') AND has_table_privilege('treasury_runtime', oid, 'DELETE')
			    AND relname NOT IN ('saf', 'outbox', 'open_case', 'open_payment', 'unmatched')`,
			`GRANT DELETE ON lane TO treasury_runtime`},
		{"the runtime role empties no table",
			`SELECT relname::text FROM ours WHERE relkind IN ('r', 'p') AND has_table_privilege('treasury_runtime', oid, 'TRUNCATE')`,
			`GRANT TRUNCATE ON lane TO treasury_runtime`},
		{"nothing is granted to everybody",
			`SELECT t.relname::text FROM ours t, aclexplode(t.relacl) a WHERE a.grantee = 0`,
			`GRANT SELECT ON lane TO PUBLIC`},
		{"the runtime role owns nothing, makes nothing and is nobody special",
			`SELECT rolname::text FROM pg_roles r WHERE rolname = 'treasury_runtime'
			    AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolcanlogin OR rolbypassrls OR rolreplication
			         OR has_schema_privilege(r.oid, 'public', 'CREATE')
			         OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid)
			         OR EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid))`,
			`GRANT CREATE ON SCHEMA public TO treasury_runtime`},
		{"functions with the owner's rights have a fixed search path and are not for everybody",
			`SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
			    AND (p.proconfig IS NULL OR NOT p.proconfig::text LIKE '%search_path=%'
			         OR p.proacl IS NULL OR EXISTS (SELECT 1 FROM aclexplode(p.proacl) a WHERE a.grantee = 0))`,
			`CREATE FUNCTION loose() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`},
	}
}

func typeRules() []rule {
	return []rule{
		{"agency is int4, never null, in every table",
			`SELECT t.relname::text FROM ours t JOIN pg_attribute a ON a.attrelid = t.oid
			  WHERE t.relkind IN ('r', 'p') AND a.attname = 'agency' AND NOT a.attisdropped
			    AND (a.atttypid <> 'int4'::regtype OR NOT a.attnotnull)`,
			`CREATE TABLE broken (agency bigint NOT NULL)`},
		{"money tables have an agency",
			`SELECT relname::text FROM ours t WHERE relkind IN ('r', 'p') AND relname IN (` + moneyTables + `)
			    AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'agency')`,
			`ALTER TABLE payment RENAME COLUMN agency TO agency_break`},
		{"no floating point, no type money, no timestamp without a zone",
			`SELECT t.relname || '.' || a.attname FROM ours t JOIN pg_attribute a ON a.attrelid = t.oid
			  WHERE t.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
			    AND a.atttypid IN ('float4'::regtype, 'float8'::regtype, 'money'::regtype, 'timestamp'::regtype)`,
			`ALTER TABLE lane ADD COLUMN broken float8`},
	}
}
