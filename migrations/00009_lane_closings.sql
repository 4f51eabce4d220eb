-- What a recorder may remember of accounts and business days.
--
-- Whoever takes an account or a day out of use ends by raising this number in
-- every lane's row, which each group writes first. A lane that finds its number
-- unchanged knows that whatever it saw open before is open still, and asks
-- nothing.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

ALTER TABLE lane ADD COLUMN closings bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN lane.closings IS 'raised whenever an account or a business day was taken out of use';
