-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- The keys that seal card numbers, wrapped by the master key that lies in a file outside the database.
-- A row of purpose 'day' seals the card numbers of that day; its wrapped key becomes NULL when the day is shredded.
-- The one row of purpose 'permanent' (day 0001-01-01, which stands for no date) is the root of the keyed digests.
-- A wrapped key has 12 bytes nonce, 32 bytes key and 16 bytes tag; master_id tells by which master key, without telling it.
-- The table is so small that the usual thresholds would leave dead copies of a destroyed key for months: it is vacuumed
-- after every change.
CREATE TABLE pan_key (
    purpose      text        NOT NULL,
    day          date        NOT NULL,
    wrapped      bytea,
    master_id    bytea       NOT NULL,
    created_at   timestamptz NOT NULL,
    destroyed_at timestamptz,
    CONSTRAINT pan_key_pk PRIMARY KEY (purpose, day),
    CONSTRAINT pan_key_purpose_ck CHECK (purpose IN ('day', 'permanent')),
    CONSTRAINT pan_key_day_ck CHECK ((purpose = 'permanent') = (day = DATE '0001-01-01')),
    CONSTRAINT pan_key_destroyed_ck CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL)),
    CONSTRAINT pan_key_permanent_ck CHECK (purpose <> 'permanent' OR wrapped IS NOT NULL),
    CONSTRAINT pan_key_wrapped_ck CHECK (octet_length(wrapped) = 60),
    CONSTRAINT pan_key_master_ck CHECK (octet_length(master_id) = 8)
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

SELECT reference_table('pan_key');

REVOKE DELETE, TRUNCATE ON pan_key FROM PUBLIC, treasury_runtime;
GRANT SELECT, INSERT ON pan_key TO treasury_runtime;
GRANT UPDATE (wrapped, destroyed_at) ON pan_key TO treasury_runtime;
