-- The program changes columns, never rows as a whole.
--
-- A right to UPDATE a table is a right to change what must not change in it: the
-- amount of a queued reversal, the agency of a terminal, the account of a balance.
-- Only what the program does change is granted.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

REVOKE UPDATE ON lane, agency, terminal, service, registry_version, balance, tariff_revision, saf, sweep_mark FROM treasury_runtime;
GRANT UPDATE (epoch, beat, owner, closings, incarnation, abandoned_at) ON lane TO treasury_runtime;
GRANT UPDATE (state) ON agency, terminal, service TO treasury_runtime;
GRANT UPDATE (version) ON registry_version TO treasury_runtime;
GRANT UPDATE (debit, credit) ON balance TO treasury_runtime;
GRANT UPDATE (revision) ON tariff_revision TO treasury_runtime;
GRANT UPDATE (tries, rejects, next_at, claimed_until) ON saf TO treasury_runtime;
GRANT UPDATE (swept_until) ON sweep_mark TO treasury_runtime;
