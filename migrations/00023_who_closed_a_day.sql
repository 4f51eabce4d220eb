-- A business day says who closed it; one that two persons had believed is closed by two persons as well.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

ALTER TABLE business_day ADD COLUMN closed_by text;
ALTER TABLE business_day ADD COLUMN closing text;
ALTER TABLE business_day ADD CONSTRAINT business_day_closed_by_fk FOREIGN KEY (closed_by) REFERENCES staff (name);
ALTER TABLE business_day ADD CONSTRAINT business_day_closing_fk FOREIGN KEY (closing, approval_state) REFERENCES approval (id, state);
ALTER TABLE business_day ADD CONSTRAINT business_day_closed_by_ck CHECK (state = 'closed' OR (closed_by IS NULL AND closing IS NULL));
-- Not valid for days that were closed before: nobody knows by whom.
ALTER TABLE business_day ADD CONSTRAINT business_day_closing_ck CHECK (state <> 'closed' OR approval IS NULL OR closing IS NOT NULL) NOT VALID;

ALTER TABLE approval DROP CONSTRAINT approval_act_ck;
ALTER TABLE approval ADD CONSTRAINT approval_act_ck CHECK (act IN ('account.add', 'account.close', 'account.reopen', 'day.open', 'day.close'));

GRANT UPDATE (closed_by, closing) ON business_day TO treasury_runtime;
