-- What must stay quick however long the history is.
--
-- Rows that exist only while something is open, and marks of what was read
-- already: what asks for them reads as much as is open, and not as much as ever was.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- Cases that may still wait for somebody: a row is written with its case, and goes
-- some time after the case was answered. Whoever reads it asks whether it was.
CREATE TABLE open_case (
    agency    int      NOT NULL,
    opened_on date     NOT NULL,
    payment   uuid     NOT NULL,
    version   smallint NOT NULL,
    CONSTRAINT open_case_pk PRIMARY KEY (agency, opened_on, payment, version),
    CONSTRAINT open_case_case_fk FOREIGN KEY (agency, opened_on, payment, version) REFERENCES payment_case
);
SELECT distribute_table('open_case', 'agency');

GRANT SELECT, INSERT, DELETE ON open_case TO treasury_runtime;

INSERT INTO open_case (agency, opened_on, payment, version)
SELECT c.agency, c.opened_on, c.payment, c.version FROM payment_case c
 WHERE NOT EXISTS (
	SELECT 1 FROM case_proposal q JOIN case_decision d USING (agency, opened_on, payment, version, round)
	 WHERE q.agency = c.agency AND q.opened_on = c.opened_on AND q.payment = c.payment AND q.case_version >= c.version
	   AND d.verdict = 'accepted' AND q.outcome = 'closed');

-- The network knows a message by acquirer, terminal, trace number and transmission time, to the second.
ALTER TABLE saf ADD CONSTRAINT saf_message_uq UNIQUE (agency, transmission, stan);

-- As before, a reversal is for what was asked, or for what the network says it debited. The records are asked only where the amount is
-- another one: in one condition with the payment they cost fifteen times as much, for each of the reversals that a crash leaves.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION saf_amount_fits() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    asked bigint;
BEGIN
    SELECT p.amount INTO asked FROM payment p
     WHERE p.agency = NEW.agency AND p.opened_on = NEW.opened_on AND p.id = NEW.payment AND p.send_before IS NOT NULL;
    IF asked = NEW.amount THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM event e
     WHERE e.agency = NEW.agency AND e.opened_on = NEW.opened_on AND e.payment = NEW.payment AND e.held = NEW.amount;
    IF FOUND AND asked IS NOT NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a reversal is for a payment that was sent, and for its amount' USING ERRCODE = 'check_violation',
        CONSTRAINT = 'saf_amount_fits_ck';
END $$;
-- +goose StatementEnd

-- Payments that are known to have no outcome: of a node that was stopped, or whose reversal could not be recorded. Every node
-- tries to end them from due_at on; a row goes when its payment has an outcome.
CREATE TABLE open_payment (
    agency    int         NOT NULL,
    opened_on date        NOT NULL,
    payment   uuid        NOT NULL,
    due_at    timestamptz NOT NULL,
    CONSTRAINT open_payment_pk PRIMARY KEY (agency, opened_on, payment)
);
SELECT distribute_table('open_payment', 'agency');
GRANT SELECT, INSERT, DELETE ON open_payment TO treasury_runtime;

-- The marks of later passes, for a database that was searched up to now: what is older was gone over every hour.
INSERT INTO sweep_mark (id, swept_until)
SELECT later.id, m.swept_until - later.behind
  FROM sweep_mark m, (VALUES (2, interval '1 hour'), (3, interval '1 day')) AS later (id, behind)
 WHERE m.id = 1 AND m.swept_until <= now();

-- As before, without those that are known to be open, because one that cannot be ended would be found again and again; and whole, because
-- whoever asks needs them. The LIMIT has the record of each payment looked up by its key, and the text is planned anew each time: of a partition
-- that was empty a moment ago PostgreSQL believes that it is, and would read it from end to end for every payment.
DROP FUNCTION payments_without_outcome(timestamptz, timestamptz, int);
-- +goose StatementBegin
CREATE FUNCTION payments_without_outcome(since timestamptz, until timestamptz, most int) RETURNS SETOF payment
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    day date;
BEGIN
    FOR day IN EXECUTE 'SELECT DISTINCT opened_on FROM payment WHERE opened_at >= $1 AND opened_at < $2' USING since, until LOOP
        RETURN QUERY EXECUTE '
            SELECT p.* FROM payment p
             WHERE p.opened_on = $1 AND p.opened_at >= $2 AND p.opened_at < $3
               AND (SELECT 1 FROM event e WHERE e.agency = p.agency AND e.opened_on = $1 AND e.payment = p.id LIMIT 1) IS NULL
               AND (SELECT 1 FROM open_payment o WHERE o.agency = p.agency AND o.opened_on = $1 AND o.payment = p.id LIMIT 1) IS NULL
             LIMIT $4' USING day, since, until, most;
    END LOOP;
END
$$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION payments_without_outcome(timestamptz, timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments_without_outcome(timestamptz, timestamptz, int) TO treasury_runtime;

-- A time before which there is no payment: half a year, by which a terminal's date may differ from the day of receipt, before the
-- first month that has any; null if there are none. It looks into one partition after the other, and only whether it is empty.
-- +goose StatementBegin
CREATE FUNCTION history_begins() RETURNS timestamptz
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    month date;
    found boolean;
BEGIN
    FOR month IN
        SELECT to_date(substr(c.relname, length('payment_y') + 1), 'YYYY"m"MM') AS begins
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'public.payment'::regclass ORDER BY begins
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM payment WHERE opened_on >= %L AND opened_on < %L)',
            month, (month + interval '1 month')::date) INTO found;
        IF found THEN
            RETURN month - 190;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION history_begins() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION history_begins() TO treasury_runtime;

-- How far the payments of a day are known not to need its card key any more. Nothing takes that back but a reversal that is
-- queued again, or a case, which are asked for before the key is destroyed.
CREATE TABLE pan_key_search (
    day        date        NOT NULL,
    done_until timestamptz NOT NULL,
    CONSTRAINT pan_key_search_pk PRIMARY KEY (day)
);
SELECT reference_table('pan_key_search');
GRANT SELECT, INSERT, UPDATE (done_until) ON pan_key_search TO treasury_runtime;

-- The first day whose card key must stay, by this server's clock in Tehran's time (+03:30): today, and the two days before it.
-- What a node takes for today does not matter.
-- +goose StatementBegin
CREATE FUNCTION pan_key_horizon() RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT (now() AT TIME ZONE interval '03:30')::date - 2
$$;
-- +goose StatementEnd

-- Whether a payment of a stretch of time can still need the card key of a day: it may be debited and is not finally undone, and its
-- business day, if it has one, is not closed. Each payment is looked at by its key, whatever is believed of the tables.
-- +goose StatementBegin
CREATE FUNCTION pan_key_needed(of_day date, since timestamptz, until timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    part date;
    needed boolean;
BEGIN
    FOR part IN EXECUTE 'SELECT DISTINCT opened_on FROM payment WHERE opened_at >= $1 AND opened_at < $2' USING since, until LOOP
        EXECUTE '
            SELECT EXISTS (
                SELECT 1 FROM payment p
                  LEFT JOIN LATERAL (SELECT status FROM event e WHERE e.agency = p.agency AND e.opened_on = $1 AND e.payment = p.id
                        ORDER BY version DESC LIMIT 1) last ON true
                 WHERE p.opened_on = $1 AND p.opened_at >= $2 AND p.opened_at < $3 AND p.key_day = $4
                   AND (last.status IS NULL OR last.status IN (''REVERSING'', ''CASE'')
                        OR last.status = ''APPROVED'' AND coalesce((
                            SELECT b.state FROM event a LEFT JOIN business_day b ON b.book = p.book AND b.day = a.business_day
                             WHERE a.agency = p.agency AND a.opened_on = $1 AND a.payment = p.id
                               AND a.status = ''APPROVED'' AND a.was <> ''APPROVED''
                             ORDER BY a.version DESC LIMIT 1), ''open'') <> ''closed''))'
            INTO needed USING part, since, until, of_day;
        IF needed THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;
-- +goose StatementEnd

-- Whether a reversal is queued, or a case open, for which the card key of a day is needed.
-- +goose StatementBegin
CREATE FUNCTION pan_key_awaited(of_day date) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM saf s CROSS JOIN LATERAL (
                SELECT key_day FROM payment WHERE agency = s.agency AND opened_on = s.opened_on AND id = s.payment LIMIT 1) p
             WHERE p.key_day = of_day)
        OR EXISTS (SELECT 1 FROM open_case c CROSS JOIN LATERAL (
                SELECT key_day FROM payment WHERE agency = c.agency AND opened_on = c.opened_on AND id = c.payment LIMIT 1) p
             CROSS JOIN LATERAL (SELECT status FROM event e WHERE e.agency = c.agency AND e.opened_on = c.opened_on AND e.payment = c.payment
                ORDER BY version DESC LIMIT 1) last
             WHERE p.key_day = of_day AND last.status = 'CASE')
        OR EXISTS (SELECT 1 FROM open_payment o CROSS JOIN LATERAL (
                SELECT key_day FROM payment WHERE agency = o.agency AND opened_on = o.opened_on AND id = o.payment LIMIT 1) p
             WHERE p.key_day = of_day)
$$;
-- +goose StatementEnd

-- The only way in which the program destroys a card key. It returns why it did not, or null: it is destroyed, or there is none.
-- +goose StatementBegin
CREATE FUNCTION destroy_pan_key(of_day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    day_ends timestamptz := (of_day + 1)::timestamp AT TIME ZONE interval '03:30';
BEGIN
    IF of_day >= pan_key_horizon() THEN
        RETURN 'the day is not long enough past by the clock of the database';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pan_key_search WHERE day = of_day AND done_until >= day_ends) THEN
        RETURN 'it is not known of every payment of the day that it needs its card number no more';
    END IF;
    IF pan_key_awaited(of_day) THEN
        RETURN 'a reversal or a case of a payment of the day needs its card number';
    END IF;
    UPDATE pan_key SET wrapped = NULL, destroyed_at = coalesce(destroyed_at, now()) WHERE purpose = 'day' AND day = of_day;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION pan_key_horizon(), pan_key_needed(date, timestamptz, timestamptz), pan_key_awaited(date), destroy_pan_key(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pan_key_horizon(), pan_key_needed(date, timestamptz, timestamptz), pan_key_awaited(date), destroy_pan_key(date)
    TO treasury_runtime;
REVOKE UPDATE (wrapped) ON pan_key FROM treasury_runtime;
