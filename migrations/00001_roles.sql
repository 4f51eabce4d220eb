-- The role the program works as, the functions that later migrations use, and the recorders' lanes.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- A role belongs to the whole cluster, and several databases of one cluster may be migrated at once: whoever comes second
-- finds it made.
-- +goose StatementBegin
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'treasury_runtime') THEN
        BEGIN
            CREATE ROLE treasury_runtime NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
    IF NOT pg_has_role(current_user, 'treasury_runtime', 'MEMBER') THEN
        EXECUTE format('GRANT treasury_runtime TO %I', current_user);
    END IF;
END
$$;
-- +goose StatementEnd

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO treasury_runtime;
GRANT SELECT ON goose_db_version TO treasury_runtime;

-- distribute_table spreads a table over the nodes by a column, where the citus extension is installed.
-- +goose StatementBegin
CREATE FUNCTION distribute_table(table_name text, column_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        EXECUTE format('SELECT create_distributed_table(%L, %L)', table_name, column_name);
    END IF;
END
$$;
-- +goose StatementEnd

-- reference_table copies a table to every node, where the citus extension is installed.
-- +goose StatementBegin
CREATE FUNCTION reference_table(table_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        EXECUTE format('SELECT create_reference_table(%L)', table_name);
    END IF;
END
$$;
-- +goose StatementEnd

-- ensure_month_partitions makes the partitions of a table for as many months as asked, beginning with the month of
-- from_month, and returns how many it made. Those that exist are left alone. A new partition gets the rights of its parent
-- and nothing more: rights on a partition are its own, so without this the runtime role could not read it by name, and an
-- owner's default privileges might let it change history there.
--
-- It runs with the owner's rights, since the runtime role makes no tables; it can do nothing but this, to tables of schema
-- public that are partitioned by a range, for at most ten years at a time.
-- +goose StatementBegin
CREATE FUNCTION ensure_month_partitions(table_name text, from_month date, months int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    parent regclass;
    first_day date;
    partition_name text;
    made int := 0;
    held record;
BEGIN
    SELECT c.oid::regclass INTO parent
      FROM pg_class c
      JOIN pg_partitioned_table p ON p.partrelid = c.oid AND p.partstrat = 'r'
     WHERE c.relname = table_name AND c.relnamespace = 'public'::regnamespace;
    IF parent IS NULL THEN
        RAISE EXCEPTION 'no table % partitioned by range in schema public', table_name;
    END IF;
    IF months IS NULL OR months NOT BETWEEN 1 AND 120 OR from_month IS NULL THEN
        RAISE EXCEPTION 'partitions of % for % months from %: 1 to 120 months', table_name, months, from_month;
    END IF;
    -- Two nodes may do this at the same moment; the lock is on this function's work alone and ends with the transaction.
    PERFORM pg_advisory_xact_lock(hashtextextended('ensure_month_partitions', 0));
    FOR i IN 0 .. months - 1 LOOP
        first_day := (date_trunc('month', from_month::timestamp) + make_interval(months => i))::date;
        partition_name := format('%s_y%sm%s', table_name, to_char(first_day, 'YYYY'), to_char(first_day, 'MM'));
        CONTINUE WHEN to_regclass(format('public.%I', partition_name)) IS NOT NULL;
        EXECUTE format('CREATE TABLE public.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
            partition_name, parent, first_day, (first_day + interval '1 month')::date);
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, treasury_runtime', partition_name);
        FOR held IN
            SELECT privilege_type FROM pg_class c, aclexplode(c.relacl) a
             WHERE c.oid = parent AND a.grantee = 'treasury_runtime'::regrole
        LOOP
            EXECUTE format('GRANT %s ON public.%I TO treasury_runtime', held.privilege_type, partition_name);
        END LOOP;
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
-- +goose StatementEnd

REVOKE ALL ON FUNCTION distribute_table(text, text), reference_table(text), ensure_month_partitions(text, date, int)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_month_partitions(text, date, int) TO treasury_runtime;

-- A lane is one recorder of payments. Every group of records begins by updating its lane's row where the epoch is still
-- its own: whoever took the lane over has raised the epoch, so a recorder that was paused writes nothing. Whoever freezes an
-- account or closes a day locks every lane's row in the order of ids, and so waits for the groups that are running.
CREATE TABLE lane (
    id          smallint NOT NULL,
    epoch       bigint NOT NULL,
    beat        bigint NOT NULL,
    owner       text NOT NULL,
    lease_until timestamptz,
    CONSTRAINT lane_pk PRIMARY KEY (id),
    CONSTRAINT lane_id_ck CHECK (id BETWEEN 0 AND 999),
    CONSTRAINT lane_epoch_ck CHECK (epoch >= 0)
);
COMMENT ON TABLE lane IS 'one recorder of payments: its fence and its lease';
COMMENT ON COLUMN lane.epoch IS 'grows whenever the lane is taken over; a group with an older one records nothing';
COMMENT ON COLUMN lane.beat IS 'grows with every group, which is how the fence is a write and not only a read';
COMMENT ON COLUMN lane.owner IS 'the process that holds the lane';
COMMENT ON COLUMN lane.lease_until IS 'when another process may take the lane; null: free';

REVOKE ALL ON lane FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON lane TO treasury_runtime;
