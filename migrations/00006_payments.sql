-- Payments: what was asked, what happened, and the work that is queued.
--
-- A payment row is its own duplicate key: id is a keyed hash of the request's
-- identity, so that a repeat meets its original by primary key. It never
-- changes; its status is the status of its last event. Whoever inserts an
-- event's version first has won.
-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

CREATE TABLE payment (
    agency      int         NOT NULL,
    opened_on   date        NOT NULL,
    id          uuid        NOT NULL,
    rrn         bigint      NOT NULL,
    amount      bigint      NOT NULL,
    opened_at   timestamptz NOT NULL,
    send_before timestamptz,
    deadline    timestamptz NOT NULL,
    fingerprint uuid        NOT NULL,
    pan_token   uuid,
    key_day     date,
    book        smallint    NOT NULL,
    feed        boolean     NOT NULL,
    channel     text        NOT NULL,
    acquirer    text        NOT NULL,
    acceptor    text        NOT NULL,
    terminal    text        NOT NULL,
    stan        text        NOT NULL,
    local_time  text        NOT NULL,
    processing  text        NOT NULL,
    reference   text        NOT NULL,
    price       text        NOT NULL,
    pan_first6  text        NOT NULL,
    pan_last4   text        NOT NULL,
    sealed_pan  bytea,
    CONSTRAINT payment_pk PRIMARY KEY (agency, opened_on, id),
    CONSTRAINT payment_book_ck CHECK (book IN (1, 2)),
    CONSTRAINT payment_rrn_ck CHECK (rrn BETWEEN 1 AND 999999999999),
    CONSTRAINT payment_amount_ck CHECK (amount BETWEEN 0 AND 999999999999),
    CONSTRAINT payment_sent_ck CHECK (send_before IS NULL
        OR (amount > 0 AND sealed_pan IS NOT NULL AND key_day IS NOT NULL AND pan_token IS NOT NULL)),
    CONSTRAINT payment_pan_ck CHECK (length(pan_first6) <= 6 AND length(pan_last4) <= 4)
) PARTITION BY RANGE (opened_on);
SELECT distribute_table('payment', 'agency');

CREATE TABLE event (
    agency       int         NOT NULL,
    opened_on    date        NOT NULL,
    payment      uuid        NOT NULL,
    version      smallint    NOT NULL,
    business_day date,
    plan_id      bigint      NOT NULL,
    at           timestamptz NOT NULL,
    held         bigint,
    was          text        NOT NULL,
    status       text        NOT NULL,
    reason       text        NOT NULL,
    actor        text        NOT NULL,
    network      text        NOT NULL,
    told         text        NOT NULL,
    approval     text        NOT NULL,
    CONSTRAINT event_pk PRIMARY KEY (agency, opened_on, payment, version),
    CONSTRAINT event_version_ck CHECK (version >= 1),
    CONSTRAINT event_held_ck CHECK (held > 0),
    CONSTRAINT event_step_ck CHECK ((was, status) IN (
        ('', 'DECLINED'),
        ('PENDING', 'APPROVED'), ('PENDING', 'DECLINED'), ('PENDING', 'REVERSING'),
        ('APPROVED', 'REVERSING'), ('APPROVED', 'APPROVED'),
        ('DECLINED', 'DECLINED'),
        ('REVERSING', 'REVERSED'), ('REVERSING', 'CASE'), ('REVERSING', 'REVERSING'),
        ('REVERSED', 'REVERSING'), ('REVERSED', 'REVERSED'),
        ('CASE', 'REVERSED'), ('CASE', 'APPROVED'), ('CASE', 'CASE'))),
    CONSTRAINT event_day_ck CHECK (status <> 'APPROVED' OR was = 'APPROVED' OR business_day IS NOT NULL)
) PARTITION BY RANGE (opened_on);
SELECT distribute_table('event', 'agency');

-- Reversals waiting for the network's answer. A row lives exactly as long as
-- its payment is REVERSING; it never expires.
CREATE TABLE saf (
    agency        int         NOT NULL,
    opened_on     date        NOT NULL,
    payment       uuid        NOT NULL,
    book          smallint    NOT NULL,
    stan          int         NOT NULL,
    transmission  timestamptz NOT NULL,
    amount        bigint      NOT NULL,
    tries         int         NOT NULL,
    rejects       int         NOT NULL,
    next_at       timestamptz NOT NULL,
    claimed_until timestamptz,
    queued_at     timestamptz NOT NULL,
    CONSTRAINT saf_pk PRIMARY KEY (agency, opened_on, payment),
    CONSTRAINT saf_amount_ck CHECK (amount > 0),
    CONSTRAINT saf_stan_ck CHECK (stan BETWEEN 1 AND 999999),
    CONSTRAINT saf_counts_ck CHECK (tries >= 0 AND rejects >= 0)
);
SELECT distribute_table('saf', 'agency');

-- What agencies that asked for it are to be told, written with the outcome.
CREATE TABLE outbox (
    agency    int         NOT NULL,
    opened_on date        NOT NULL,
    payment   uuid        NOT NULL,
    version   smallint    NOT NULL,
    book      smallint    NOT NULL,
    status    text        NOT NULL,
    at        timestamptz NOT NULL,
    CONSTRAINT outbox_pk PRIMARY KEY (agency, opened_on, payment, version)
);
SELECT distribute_table('outbox', 'agency');

-- Payments that need a person.
CREATE TABLE payment_case (
    agency    int         NOT NULL,
    opened_on date        NOT NULL,
    payment   uuid        NOT NULL,
    version   smallint    NOT NULL,
    book      smallint    NOT NULL,
    owner     text        NOT NULL,
    reason    text        NOT NULL,
    opened_at timestamptz NOT NULL,
    CONSTRAINT payment_case_pk PRIMARY KEY (agency, opened_on, payment, version)
);
SELECT distribute_table('payment_case', 'agency');

-- Ranges of the day's serial numbers, taken by a node for an agency before use.
-- A serial gives the RRN, the STAN and the tracking code; its range leads from
-- a tracking code to the agency.
CREATE TABLE number_block (
    day      date        NOT NULL,
    first    int         NOT NULL,
    size     int         NOT NULL,
    agency   int         NOT NULL,
    node     text        NOT NULL,
    taken_at timestamptz NOT NULL,
    CONSTRAINT number_block_pk PRIMARY KEY (day, first),
    CONSTRAINT number_block_range_ck CHECK (first >= 1 AND size >= 1 AND first + size <= 100000000)
);
SELECT reference_table('number_block');

-- Up to when every payment is known to have an outcome.
CREATE TABLE sweep_mark (
    id          smallint    NOT NULL,
    swept_until timestamptz NOT NULL,
    CONSTRAINT sweep_mark_pk PRIMARY KEY (id)
);
SELECT reference_table('sweep_mark');

SELECT ensure_month_partitions('payment', (current_date - interval '7 months')::date, 15);
SELECT ensure_month_partitions('event', (current_date - interval '7 months')::date, 15);
SELECT ensure_month_partitions('transfer', (current_date - interval '7 months')::date, 15);

-- A reversal is for what was asked, or for what the network says it debited.
-- +goose StatementBegin
CREATE FUNCTION saf_amount_fits() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM payment p
     WHERE p.agency = NEW.agency AND p.opened_on = NEW.opened_on AND p.id = NEW.payment
       AND p.send_before IS NOT NULL
       AND (p.amount = NEW.amount OR EXISTS (
           SELECT 1 FROM event e WHERE e.agency = p.agency AND e.opened_on = p.opened_on
              AND e.payment = p.id AND e.held = NEW.amount));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a reversal is for a payment that was sent, and for its amount' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'saf_amount_fits_ck';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER saf_amount_fits BEFORE INSERT ON saf FOR EACH ROW EXECUTE FUNCTION saf_amount_fits();

CREATE INDEX payment_rrn_ix ON payment (agency, rrn);
CREATE INDEX payment_opened_ix ON payment USING brin (agency, opened_at) WITH (pages_per_range = 16);
CREATE INDEX saf_due_ix ON saf (agency, next_at);

REVOKE UPDATE, DELETE, TRUNCATE ON payment, event, payment_case, number_block FROM PUBLIC, treasury_runtime;
GRANT SELECT, INSERT ON payment, event, payment_case, number_block TO treasury_runtime;
GRANT SELECT, INSERT, DELETE ON outbox TO treasury_runtime;
GRANT SELECT, INSERT, UPDATE, DELETE ON saf TO treasury_runtime;
GRANT SELECT, INSERT, UPDATE ON sweep_mark TO treasury_runtime;
