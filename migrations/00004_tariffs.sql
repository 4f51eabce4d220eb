-- The versions of tariffs, and a number that tells a node when to load them again.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- Equality of agency and service inside the exclusion constraint needs it; trusted, so the database's owner may do this.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

-- One version of a service's tariff, never changed. valid_to is the first day on which it no longer holds; null: open.
-- The id is a hash of the content, made by the program, so importing the same content again changes nothing.
CREATE TABLE tariff_version (
    agency      integer     NOT NULL,
    id          bigint      NOT NULL,
    service     text        NOT NULL,
    valid_from  date        NOT NULL,
    valid_to    date,
    body        jsonb       NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tariff_version_pk PRIMARY KEY (agency, id),
    CONSTRAINT tariff_version_agency_ck CHECK (agency BETWEEN 1 AND 9999999),
    CONSTRAINT tariff_version_id_ck CHECK (id >= 0),
    CONSTRAINT tariff_version_service_ck CHECK (service ~ '^[A-Z][A-Z0-9-]{1,23}$'),
    CONSTRAINT tariff_version_period_ck CHECK (valid_to > valid_from),
    CONSTRAINT tariff_version_body_ck CHECK (body ->> 'service' = service AND body ->> 'agency' = agency::text),
    CONSTRAINT tariff_version_period_ex EXCLUDE USING gist
        (agency WITH =, service WITH =, daterange(valid_from, valid_to) WITH &&)
);
COMMENT ON TABLE tariff_version IS 'one version of a service''s tariff with its components, shares and citations';

-- One row; every import raises it in its own transaction.
CREATE TABLE tariff_revision (
    id       smallint NOT NULL,
    revision bigint   NOT NULL,
    CONSTRAINT tariff_revision_pk PRIMARY KEY (id),
    CONSTRAINT tariff_revision_one_ck CHECK (id = 1),
    CONSTRAINT tariff_revision_revision_ck CHECK (revision >= 0)
);
COMMENT ON TABLE tariff_revision IS 'grows with every change of the tariffs; nodes poll it';

SELECT reference_table('tariff_version');
SELECT reference_table('tariff_revision');

GRANT SELECT, INSERT ON tariff_version TO treasury_runtime;
REVOKE UPDATE, DELETE, TRUNCATE ON tariff_version FROM PUBLIC, treasury_runtime;
GRANT SELECT, UPDATE ON tariff_revision TO treasury_runtime;
REVOKE INSERT, DELETE, TRUNCATE ON tariff_revision FROM PUBLIC, treasury_runtime;

INSERT INTO tariff_revision (id, revision) VALUES (1, 0);
