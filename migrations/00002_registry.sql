-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- The people who may change the lists. A maker proposes; a checker may propose too, but approves what others proposed.
CREATE TABLE staff (
    name  text NOT NULL,
    role  text NOT NULL,
    state text NOT NULL,
    CONSTRAINT staff_pk PRIMARY KEY (name),
    CONSTRAINT staff_name_ck CHECK (name ~ '^[a-z][a-z0-9._-]{0,31}$'),
    CONSTRAINT staff_role_ck CHECK (role IN ('maker', 'checker')),
    CONSTRAINT staff_state_ck CHECK (state IN ('open', 'frozen', 'closed'))
);

-- An executive body that sells public services. Its acceptor id (F42) is the code padded with zeros to 15 digits,
-- so it is not stored. The upper bound leaves room for the code inside an account id.
CREATE TABLE agency (
    code    integer NOT NULL,
    name    text    NOT NULL,
    name_en text    NOT NULL,
    state   text    NOT NULL,
    partner boolean NOT NULL,
    feed    boolean NOT NULL,
    CONSTRAINT agency_pk PRIMARY KEY (code),
    CONSTRAINT agency_code_ck CHECK (code BETWEEN 1 AND 9999999),
    CONSTRAINT agency_name_ck CHECK (length(name) BETWEEN 1 AND 100),
    CONSTRAINT agency_name_en_ck CHECK (name_en ~ '^[ -~]{1,100}$'),
    CONSTRAINT agency_state_ck CHECK (state IN ('open', 'frozen', 'closed'))
);

-- A terminal is known by its F41 alone, in one book for good.
CREATE TABLE terminal (
    agency    integer  NOT NULL,
    id        text     NOT NULL,
    book      smallint NOT NULL,
    type      text     NOT NULL,
    state     text     NOT NULL,
    max_amount bigint  NOT NULL,
    CONSTRAINT terminal_pk PRIMARY KEY (id),
    CONSTRAINT terminal_agency_fk FOREIGN KEY (agency) REFERENCES agency (code),
    CONSTRAINT terminal_id_ck CHECK (id ~ '^[0-9A-Z]{8}$'),
    CONSTRAINT terminal_book_ck CHECK (book IN (1, 2)),
    CONSTRAINT terminal_type_ck CHECK (type IN ('14', '43', '59')),
    CONSTRAINT terminal_state_ck CHECK (state IN ('open', 'frozen', 'closed')),
    CONSTRAINT terminal_max_amount_ck CHECK (max_amount BETWEEN 0 AND 999999999999)
);

CREATE TABLE service (
    agency  integer NOT NULL,
    code    text    NOT NULL,
    name    text    NOT NULL,
    name_en text    NOT NULL,
    state   text    NOT NULL,
    CONSTRAINT service_pk PRIMARY KEY (code),
    CONSTRAINT service_agency_fk FOREIGN KEY (agency) REFERENCES agency (code),
    CONSTRAINT service_code_ck CHECK (code ~ '^[A-Z][A-Z0-9-]{1,23}$'),
    CONSTRAINT service_name_ck CHECK (length(name) BETWEEN 1 AND 100),
    CONSTRAINT service_name_en_ck CHECK (name_en ~ '^[ -~]{1,100}$'),
    CONSTRAINT service_state_ck CHECK (state IN ('open', 'frozen', 'closed'))
);

-- A change that needs a second person. It is decided once, by somebody else than its maker; the pair (id, state) is a key
-- so that an account can refer to a request that is approved and to no other.
CREATE TABLE approval (
    id         text        NOT NULL,
    act        text        NOT NULL,
    book       smallint    NOT NULL,
    subject    text        NOT NULL,
    content    jsonb       NOT NULL,
    maker      text        NOT NULL,
    made_at    timestamptz NOT NULL,
    state      text        NOT NULL,
    checker    text,
    decided_at timestamptz,
    reason     text        NOT NULL,
    CONSTRAINT approval_pk PRIMARY KEY (id),
    CONSTRAINT approval_state_uq UNIQUE (id, state),
    CONSTRAINT approval_maker_fk FOREIGN KEY (maker) REFERENCES staff (name),
    CONSTRAINT approval_checker_fk FOREIGN KEY (checker) REFERENCES staff (name),
    CONSTRAINT approval_id_ck CHECK (id ~ '^[A-Z0-9-]{1,32}$'),
    CONSTRAINT approval_act_ck CHECK (act IN ('account.add', 'account.close', 'account.reopen')),
    CONSTRAINT approval_book_ck CHECK (book IN (1, 2)),
    CONSTRAINT approval_subject_ck CHECK (length(subject) BETWEEN 1 AND 64),
    CONSTRAINT approval_reason_ck CHECK (length(reason) <= 400),
    CONSTRAINT approval_state_ck CHECK (state IN ('pending', 'approved', 'rejected')),
    CONSTRAINT approval_second_person_ck CHECK (checker <> maker),
    CONSTRAINT approval_decided_ck CHECK ((state = 'pending') = (checker IS NULL) AND (state = 'pending') = (decided_at IS NULL))
);

-- One row; every change of a list raises it in its own transaction, so a node that polls it knows when to load again.
CREATE TABLE registry_version (
    id      smallint NOT NULL,
    version bigint   NOT NULL,
    CONSTRAINT registry_version_pk PRIMARY KEY (id),
    CONSTRAINT registry_version_one_ck CHECK (id = 1),
    CONSTRAINT registry_version_version_ck CHECK (version >= 0)
);

-- Who changed what, one row for each version; never changed.
CREATE TABLE registry_change (
    version bigint      NOT NULL,
    at      timestamptz NOT NULL,
    actor   text        NOT NULL,
    act     text        NOT NULL,
    subject text        NOT NULL,
    CONSTRAINT registry_change_pk PRIMARY KEY (version),
    CONSTRAINT registry_change_actor_fk FOREIGN KEY (actor) REFERENCES staff (name),
    CONSTRAINT registry_change_act_ck CHECK (length(act) BETWEEN 1 AND 40),
    CONSTRAINT registry_change_subject_ck CHECK (length(subject) BETWEEN 1 AND 100)
);

SELECT reference_table('staff');
SELECT reference_table('agency');
SELECT reference_table('terminal');
SELECT reference_table('service');
SELECT reference_table('approval');
SELECT reference_table('registry_version');
SELECT reference_table('registry_change');

-- Two open requests for the same act on the same thing would race each other.
CREATE UNIQUE INDEX approval_pending_uq ON approval (book, subject, act) WHERE state = 'pending';
CREATE INDEX terminal_agency_ix ON terminal (agency, id);
CREATE INDEX service_agency_ix ON service (agency, code);

GRANT SELECT ON staff TO treasury_runtime;
GRANT SELECT, INSERT, UPDATE ON agency, terminal, service TO treasury_runtime;
GRANT SELECT, INSERT ON approval TO treasury_runtime;
GRANT UPDATE (state, checker, decided_at, reason) ON approval TO treasury_runtime;
GRANT SELECT, UPDATE ON registry_version TO treasury_runtime;
GRANT SELECT, INSERT ON registry_change TO treasury_runtime;
REVOKE DELETE, TRUNCATE ON staff, agency, terminal, service, approval, registry_version FROM PUBLIC, treasury_runtime;
REVOKE UPDATE, DELETE, TRUNCATE ON registry_change FROM PUBLIC, treasury_runtime;

INSERT INTO staff (name, role, state) VALUES ('maker', 'maker', 'open'), ('checker', 'checker', 'open');
INSERT INTO registry_version (id, version) VALUES (1, 0);
