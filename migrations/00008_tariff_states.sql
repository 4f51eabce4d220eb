-- The way of a tariff's version into force and out of it: who entered,
-- submitted, approved and withdrew it, and on which days it holds.
--
-- Relations between rows are held by foreign keys and exclusion constraints;
-- the triggers look at nothing but the row before and after a change, so that
-- they say the same on every node of a distributed database.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- Drafts may overlap; tariff_state_period_ex keeps approved versions apart.
ALTER TABLE tariff_version DROP CONSTRAINT tariff_version_period_ex;
ALTER TABLE tariff_version ADD COLUMN until date NOT NULL GENERATED ALWAYS AS (coalesce(valid_to, 'infinity'::date)) STORED;
ALTER TABLE tariff_version ADD CONSTRAINT tariff_version_from_uq UNIQUE (agency, id, service, valid_from);
ALTER TABLE tariff_version ADD CONSTRAINT tariff_version_period_uq UNIQUE (agency, id, service, valid_from, until);
COMMENT ON COLUMN tariff_version.until IS 'valid_to without null: infinity where the version is open';

-- One step on the way of a version; never changed. A row counts when
-- tariff_state has reached it.
CREATE TABLE tariff_step (
    agency  integer     NOT NULL,
    version bigint      NOT NULL,
    step    smallint    NOT NULL,
    state   text        NOT NULL,
    until   date        NOT NULL,
    actor   text        NOT NULL,
    at      timestamptz NOT NULL,
    reason  text        NOT NULL,
    CONSTRAINT tariff_step_pk PRIMARY KEY (agency, version, step),
    CONSTRAINT tariff_step_content_uq UNIQUE (agency, version, step, state, until, actor, at),
    CONSTRAINT tariff_step_version_fk FOREIGN KEY (agency, version) REFERENCES tariff_version (agency, id),
    CONSTRAINT tariff_step_actor_fk FOREIGN KEY (actor) REFERENCES staff (name),
    CONSTRAINT tariff_step_step_ck CHECK (step >= 1),
    CONSTRAINT tariff_step_state_ck CHECK (state IN ('draft', 'submitted', 'approved', 'superseded', 'withdrawn')),
    CONSTRAINT tariff_step_reason_ck CHECK (length(reason) <= 400 AND (state <> 'withdrawn' OR reason <> ''))
);
COMMENT ON TABLE tariff_step IS 'what was done to a version of a tariff: by whom, when and why';
COMMENT ON COLUMN tariff_step.until IS 'the first day on which the version does not hold any more, as known from this step on';

-- Where a version stands now. Once approved it holds from valid_from until the
-- day before until; a withdrawn one with until = valid_from holds on no day.
CREATE TABLE tariff_state (
    agency       integer     NOT NULL,
    version      bigint      NOT NULL,
    service      text        NOT NULL,
    valid_from   date        NOT NULL,
    full_until   date        NOT NULL,
    step         smallint    NOT NULL,
    state        text        NOT NULL,
    until        date        NOT NULL,
    actor        text        NOT NULL,
    at           timestamptz NOT NULL,
    entered_by   text        NOT NULL,
    submitted_by text,
    approved_by  text,
    successor    bigint,
    CONSTRAINT tariff_state_pk PRIMARY KEY (agency, version),
    CONSTRAINT tariff_state_version_fk FOREIGN KEY (agency, version, service, valid_from, full_until)
        REFERENCES tariff_version (agency, id, service, valid_from, until),
    -- The row repeats the step that it stands on, so there is no state without its step.
    CONSTRAINT tariff_state_step_fk FOREIGN KEY (agency, version, step, state, until, actor, at)
        REFERENCES tariff_step (agency, version, step, state, until, actor, at),
    -- A superseded version ends on the first day of its successor, of the same service.
    CONSTRAINT tariff_state_successor_fk FOREIGN KEY (agency, successor, service, until)
        REFERENCES tariff_version (agency, id, service, valid_from),
    CONSTRAINT tariff_state_successor_ck CHECK ((state = 'superseded') = (successor IS NOT NULL)),
    CONSTRAINT tariff_state_until_ck CHECK (until BETWEEN valid_from AND full_until),
    CONSTRAINT tariff_state_second_person_ck CHECK (approved_by <> entered_by AND approved_by <> submitted_by),
    CONSTRAINT tariff_state_persons_ck CHECK (CASE state
        WHEN 'draft' THEN submitted_by IS NULL AND approved_by IS NULL
        WHEN 'submitted' THEN submitted_by IS NOT NULL AND approved_by IS NULL
        WHEN 'withdrawn' THEN approved_by IS NULL OR submitted_by IS NOT NULL
        ELSE submitted_by IS NOT NULL AND approved_by IS NOT NULL END),
    CONSTRAINT tariff_state_period_ex EXCLUDE USING gist
        (agency WITH =, service WITH =, daterange(valid_from, until) WITH &&)
        WHERE (state IN ('approved', 'superseded', 'withdrawn')),
    CONSTRAINT tariff_state_agency_ex EXCLUDE USING gist (service WITH =, agency WITH <>)
        WHERE (state IN ('approved', 'superseded', 'withdrawn') AND until > valid_from)
);
COMMENT ON TABLE tariff_state IS 'where a version of a tariff stands, and on which days it holds';
COMMENT ON COLUMN tariff_state.full_until IS 'the end that the version''s own content names';
COMMENT ON COLUMN tariff_state.until IS 'the end that counts; earlier than full_until if superseded or withdrawn';

SELECT reference_table('tariff_step');
SELECT reference_table('tariff_state');

-- +goose StatementBegin
CREATE FUNCTION tariff_row_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of table % are never changed', TG_ARGV[0], TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd

-- The legal steps. Persons and period may change only as the step says.
-- +goose StatementBegin
CREATE FUNCTION tariff_state_moves() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    legal boolean;
    same_persons boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        legal := NEW.state = 'draft' AND NEW.step = 1 AND NEW.until = NEW.full_until AND NEW.entered_by = NEW.actor;
    ELSE
        same_persons := (NEW.entered_by, NEW.submitted_by, NEW.approved_by)
            IS NOT DISTINCT FROM (OLD.entered_by, OLD.submitted_by, OLD.approved_by);
        legal := (NEW.agency, NEW.version, NEW.service, NEW.valid_from, NEW.full_until)
               = (OLD.agency, OLD.version, OLD.service, OLD.valid_from, OLD.full_until)
            AND NEW.step = OLD.step + 1 AND NEW.at >= OLD.at
            AND CASE NEW.state
                WHEN 'draft' THEN OLD.state = 'withdrawn' AND OLD.until = OLD.valid_from
                    AND NEW.until = NEW.full_until AND NEW.entered_by = NEW.actor
                WHEN 'submitted' THEN OLD.state = 'draft' AND NEW.until = NEW.full_until
                    AND NEW.entered_by = OLD.entered_by AND NEW.submitted_by = NEW.actor
                WHEN 'approved' THEN OLD.state = 'submitted' AND NEW.until = NEW.full_until
                    AND NEW.entered_by = OLD.entered_by AND NEW.submitted_by = OLD.submitted_by
                    AND NEW.approved_by = NEW.actor
                WHEN 'superseded' THEN OLD.state IN ('approved', 'superseded') AND same_persons
                    AND OLD.full_until = 'infinity' AND NEW.until > NEW.valid_from AND NEW.until < OLD.until
                WHEN 'withdrawn' THEN same_persons AND NEW.until < OLD.until
                    AND (OLD.state NOT IN ('draft', 'submitted') OR NEW.until = NEW.valid_from)
                ELSE false END;
    END IF;
    IF NOT coalesce(legal, false) THEN
        RAISE EXCEPTION 'tariff % of %: no way to % by %', NEW.version, NEW.service, NEW.state, NEW.actor
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER tariff_version_stays BEFORE UPDATE OR DELETE ON tariff_version
    FOR EACH ROW EXECUTE FUNCTION tariff_row_stays('versions');
CREATE TRIGGER tariff_step_stays BEFORE UPDATE OR DELETE ON tariff_step
    FOR EACH ROW EXECUTE FUNCTION tariff_row_stays('steps');
CREATE TRIGGER tariff_state_stays BEFORE DELETE ON tariff_state
    FOR EACH ROW EXECUTE FUNCTION tariff_row_stays('states');
CREATE TRIGGER tariff_state_moves BEFORE INSERT OR UPDATE ON tariff_state
    FOR EACH ROW EXECUTE FUNCTION tariff_state_moves();

CREATE INDEX tariff_state_service_ix ON tariff_state (service, valid_from, version);

GRANT SELECT, INSERT ON tariff_step TO treasury_runtime;
REVOKE UPDATE, DELETE, TRUNCATE ON tariff_step FROM PUBLIC, treasury_runtime;
GRANT SELECT, INSERT ON tariff_state TO treasury_runtime;
GRANT UPDATE (step, state, until, actor, at, entered_by, submitted_by, approved_by, successor) ON tariff_state
    TO treasury_runtime;
REVOKE DELETE, TRUNCATE ON tariff_state FROM PUBLIC, treasury_runtime;
REVOKE ALL ON FUNCTION tariff_row_stays(), tariff_state_moves() FROM PUBLIC;

-- Versions that are there already were in force as soon as they were imported:
-- they go the whole way, as the two persons who are seeded.
INSERT INTO tariff_step (agency, version, step, state, until, actor, at, reason)
SELECT v.agency, v.id, w.step, w.state, v.until, w.actor, v.imported_at, 'in force before versions had states'
  FROM tariff_version v,
       (VALUES (1, 'draft', 'maker'), (2, 'submitted', 'maker'), (3, 'approved', 'checker')) AS w (step, state, actor);
INSERT INTO tariff_state (agency, version, service, valid_from, full_until, step, state, until, actor, at, entered_by)
SELECT agency, id, service, valid_from, until, 1, 'draft', until, 'maker', imported_at, 'maker' FROM tariff_version;
UPDATE tariff_state SET step = 2, state = 'submitted', submitted_by = 'maker';
UPDATE tariff_state SET step = 3, state = 'approved', actor = 'checker', approved_by = 'checker';
