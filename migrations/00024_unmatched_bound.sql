-- What is answered without its original has a bound for each terminal, and looking for it
-- does not read a month of payments before autovacuum has seen the first of them.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- Statistics of a partition that has none are taken at once: without them the planner reads
-- the agency's whole month by the primary key instead of minutes by the block range index.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION summarise_payments() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part record;
    ranges int := 0;
BEGIN
    FOR part IN
        SELECT x.indexrelid::regclass AS index, x.indrelid::regclass AS rows, c.reltuples < 0 AS unknown
          FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid JOIN pg_class c ON c.oid = x.indrelid
         WHERE i.inhparent = 'public.payment_opened_ix'::regclass AND pg_relation_size(x.indrelid) > 0
    LOOP
        BEGIN
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE NOWAIT', part.rows);
            ranges := ranges + brin_summarize_new_values(part.index);
            IF part.unknown THEN
                EXECUTE format('ANALYZE %s', part.rows);
            END IF;
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;
    RETURN ranges;
END
$$;
-- +goose StatementEnd

CREATE INDEX unmatched_terminal_ix ON unmatched (agency, terminal);
