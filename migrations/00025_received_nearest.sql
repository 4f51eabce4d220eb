-- Of more payments than whoever asks looks at, those that were received nearest to the middle of the time come first.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION payments_received(of_agency int, at_terminal text, with_stan text, of_amount bigint, of_card uuid,
    since timestamptz, until timestamptz, local_date date, most int)
RETURNS TABLE (opened_on date, id uuid)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET max_parallel_workers_per_gather = 0 AS $$
BEGIN
    RETURN QUERY EXECUTE '
        SELECT p.opened_on, p.id FROM payment p
         WHERE p.agency = $1 AND p.terminal = $2 AND p.stan = $3 AND p.opened_at BETWEEN $6 AND $7
           AND (p.opened_on >= $8 AND p.opened_on < $9 OR p.opened_on >= $10 AND p.opened_on < $11)
           AND ($4 = 0 OR p.amount = $4) AND ($5 IS NULL OR p.pan_token = $5) AND p.processing <> ''''
         ORDER BY abs(extract(epoch FROM p.opened_at - $13)) LIMIT $12'
        USING of_agency, at_terminal, with_stan, of_amount, of_card, since, until,
            date_trunc('month', since - interval '2 days')::date,
            (date_trunc('month', until + interval '2 days') + interval '1 month')::date,
            date_trunc('month', local_date - interval '2 days')::date,
            (date_trunc('month', local_date + interval '2 days') + interval '1 month')::date, most, since + (until - since) / 2;
END
$$;
-- +goose StatementEnd
