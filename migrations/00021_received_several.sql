-- Payments by what field 90 says of their request, as many as whoever asks looks at: those
-- that were declined, or whose own local time says that they are others, are told apart
-- after they were read.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

DROP FUNCTION payments_received(int, text, text, bigint, uuid, timestamptz, timestamptz);

-- An amount of zero and a card that is null are not looked at. A tombstone has no
-- processing code and is none. Days are named by whole months: they choose the partitions,
-- and do not tempt the planner to read a day of the agency by its primary key where the
-- block range index leads to the minutes. Only of a partition that was never analysed it
-- may read more; whoever asks has a limit in time.
-- +goose StatementBegin
CREATE FUNCTION payments_received(of_agency int, at_terminal text, with_stan text, of_amount bigint, of_card uuid,
    since timestamptz, until timestamptz, most int)
RETURNS TABLE (opened_on date, id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY EXECUTE '
        SELECT p.opened_on, p.id FROM payment p
         WHERE p.agency = $1 AND p.terminal = $2 AND p.stan = $3 AND p.opened_at BETWEEN $6 AND $7
           AND p.opened_on >= $8 AND p.opened_on < $9
           AND ($4 = 0 OR p.amount = $4) AND ($5 IS NULL OR p.pan_token = $5) AND p.processing <> ''''
         LIMIT $10'
        USING of_agency, at_terminal, with_stan, of_amount, of_card, since, until,
            date_trunc('month', since - interval '2 days')::date,
            (date_trunc('month', until + interval '2 days') + interval '1 month')::date, most;
END
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION payments_received(int, text, text, bigint, uuid, timestamptz, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_received(int, text, text, bigint, uuid, timestamptz, timestamptz, int) TO treasury_runtime;
