-- Business days that are far from Tehran's date are opened by two persons, and not because a message names them.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- A day that the network named and that was not believed, with what named it: evidence for whoever is asked to open it.
CREATE TABLE business_day_claim (
    book    smallint    NOT NULL,
    day     date        NOT NULL,
    source  text        NOT NULL,
    said_at timestamptz NOT NULL,
    CONSTRAINT business_day_claim_pk PRIMARY KEY (book, day, source),
    CONSTRAINT business_day_claim_book_ck CHECK (book IN (1, 2)),
    CONSTRAINT business_day_claim_source_ck CHECK (length(source) BETWEEN 1 AND 40)
);
SELECT reference_table('business_day_claim');

-- The request of two persons that a day was opened by.
ALTER TABLE business_day ADD COLUMN approval text;
ALTER TABLE business_day ADD COLUMN approval_state text NOT NULL DEFAULT 'approved';
ALTER TABLE business_day ADD CONSTRAINT business_day_approval_fk FOREIGN KEY (approval, approval_state) REFERENCES approval (id, state);
ALTER TABLE business_day ADD CONSTRAINT business_day_approval_state_ck CHECK (approval_state = 'approved');
ALTER TABLE business_day ADD CONSTRAINT business_day_second_person_ck CHECK ((source = 'operators') = (approval IS NOT NULL));

ALTER TABLE approval DROP CONSTRAINT approval_act_ck;
ALTER TABLE approval ADD CONSTRAINT approval_act_ck CHECK (act IN ('account.add', 'account.close', 'account.reopen', 'day.open'));

REVOKE UPDATE, DELETE, TRUNCATE ON business_day_claim FROM PUBLIC, treasury_runtime;
GRANT SELECT, INSERT ON business_day_claim TO treasury_runtime;
