-- Whose lane it is, and that it was left behind.
--
-- A lane is held by one life of a process, which has a random name of its own: the
-- name of the node would not tell two processes apart that were given the same one,
-- nor a node's own late statement from somebody else's. It is free while no
-- incarnation holds it. Who watches a lane finds that its process has ended when its
-- beat has not moved for a lease, by his own monotonic clock; no time is compared, so
-- no clock can be wrong.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

ALTER TABLE lane ADD COLUMN incarnation uuid;
ALTER TABLE lane ADD COLUMN abandoned_at timestamptz;
COMMENT ON COLUMN lane.incarnation IS 'the life of a process that holds the lane; null: free';
COMMENT ON COLUMN lane.abandoned_at IS 'when the lane was last taken from a process that had not given it back: that may have left payments without an outcome';
COMMENT ON COLUMN lane.beat IS 'grows with every group, and regularly without one: a process whose lanes do not beat has ended';

-- What was held by a process of the version before is left to whoever watches.
UPDATE lane SET incarnation = '00000000-0000-0000-0000-000000000001' WHERE id > 0 AND lease_until IS NOT NULL;
ALTER TABLE lane DROP COLUMN lease_until;
