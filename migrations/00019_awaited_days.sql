-- A business day that two persons have approved is awaited until the network names it.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

ALTER TABLE business_day DROP CONSTRAINT business_day_state_ck;
ALTER TABLE business_day ADD CONSTRAINT business_day_state_ck CHECK (state IN ('awaited', 'open', 'closed'));
ALTER TABLE business_day ADD CONSTRAINT business_day_awaited_ck CHECK (state <> 'awaited' OR approval IS NOT NULL);
