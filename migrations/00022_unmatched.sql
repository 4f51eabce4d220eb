-- What terminals were told of payments that were not there, and may still come.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- Reversals that were taken, and inquiries that were told 25, without their original: what
-- they say of it, and when it is looked for again. payment is the tombstone under their own
-- F12 and F13. A row lives for some minutes.
CREATE TABLE unmatched (
    agency      int         NOT NULL,
    opened_on   date        NOT NULL,
    payment     uuid        NOT NULL,
    terminal    text        NOT NULL,
    stan        text        NOT NULL,
    local_time  text        NOT NULL,
    local_date  date        NOT NULL,
    sent        text        NOT NULL,
    own         text        NOT NULL,
    amount      bigint      NOT NULL,
    pan_token   uuid,
    received_at timestamptz NOT NULL,
    next_at     timestamptz NOT NULL,
    CONSTRAINT unmatched_pk PRIMARY KEY (agency, opened_on, payment),
    CONSTRAINT unmatched_amount_ck CHECK (amount >= 0)
);
SELECT distribute_table('unmatched', 'agency');

-- A terminal whose calendar is not the one that is expected writes a date into F13 that is
-- months away, and its payments lie there: the month of the message's own F13 is read, too.
DROP FUNCTION payments_received(int, text, text, bigint, uuid, timestamptz, timestamptz, int);

-- +goose StatementBegin
CREATE FUNCTION payments_received(of_agency int, at_terminal text, with_stan text, of_amount bigint, of_card uuid,
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
         LIMIT $12'
        USING of_agency, at_terminal, with_stan, of_amount, of_card, since, until,
            date_trunc('month', since - interval '2 days')::date,
            (date_trunc('month', until + interval '2 days') + interval '1 month')::date,
            date_trunc('month', local_date - interval '2 days')::date,
            (date_trunc('month', local_date + interval '2 days') + interval '1 month')::date, most;
END
$$;
-- +goose StatementEnd

CREATE INDEX unmatched_next_ix ON unmatched (agency, next_at);

GRANT SELECT, INSERT, DELETE ON unmatched TO treasury_runtime;
GRANT UPDATE (next_at) ON unmatched TO treasury_runtime;
REVOKE ALL ON FUNCTION payments_received(int, text, text, bigint, uuid, timestamptz, timestamptz, date, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_received(int, text, text, bigint, uuid, timestamptz, timestamptz, date, int) TO treasury_runtime;
