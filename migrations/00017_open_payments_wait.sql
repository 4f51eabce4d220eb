-- An open payment that cannot be ended now waits behind the others that are due.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

GRANT UPDATE (due_at) ON open_payment TO treasury_runtime;
