-- The sweep reads the payments of the last seconds and nothing else.
--
-- A block range index knows nothing of the pages that were filled since it was last
-- told to look, and every query reads those from end to end. Waiting for VACUUM, it
-- would be the whole of a busy hour, every five seconds. So the sweep has the new
-- pages summarised before it looks: each page is read for that once.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- It runs with the owner's rights, which the index asks for, and can do nothing but
-- this. A partition that VACUUM works on is left out: VACUUM summarises it itself,
-- and would be cancelled by whoever waits for it.
-- +goose StatementBegin
CREATE FUNCTION summarise_payments() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part record;
    ranges int := 0;
BEGIN
    FOR part IN
        SELECT x.indexrelid::regclass AS index, x.indrelid::regclass AS rows
          FROM pg_inherits i JOIN pg_index x ON x.indexrelid = i.inhrelid
         WHERE i.inhparent = 'public.payment_opened_ix'::regclass AND pg_relation_size(x.indrelid) > 0
    LOOP
        BEGIN
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE NOWAIT', part.rows);
            ranges := ranges + brin_summarize_new_values(part.index);
        EXCEPTION WHEN lock_not_available THEN
            NULL;
        END;
    END LOOP;
    RETURN ranges;
END
$$;
-- +goose StatementEnd

-- Payments of a stretch of time that have no record, at most so many of a day. Days
-- are the partitions: named as constants, one of each table is looked at, and not
-- all of them again for every payment. Whatever is believed of the tables, it never
-- reads one from end to end.
-- +goose StatementBegin
CREATE FUNCTION payments_without_outcome(since timestamptz, until timestamptz, most int)
RETURNS TABLE (agency int, opened_on date, id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    day date;
BEGIN
    FOR day IN SELECT DISTINCT p.opened_on FROM payment p WHERE p.opened_at >= since AND p.opened_at < until LOOP
        RETURN QUERY EXECUTE '
            SELECT p.agency, p.opened_on, p.id FROM payment p
             WHERE p.opened_on = $1 AND p.opened_at >= $2 AND p.opened_at < $3
               AND NOT EXISTS (SELECT 1 FROM event e WHERE e.agency = p.agency AND e.opened_on = $1 AND e.payment = p.id)
             LIMIT $4' USING day, since, until, most;
    END LOOP;
END
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION summarise_payments(), payments_without_outcome(timestamptz, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION summarise_payments(), payments_without_outcome(timestamptz, timestamptz, int) TO treasury_runtime;
