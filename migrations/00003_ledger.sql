-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- id = agency * 10000000 + book * 1000000 + serial, so that who owns an account and in which book it stands can be read
-- (and checked, in transfer) without a look-up. Serials 1 to 99 are the agency's house accounts. Revenue and partner
-- accounts exist only by an approved request of two persons; valid_to is the first day on which the account is over.
CREATE TABLE account (
    agency         integer  NOT NULL,
    id             bigint   NOT NULL,
    book           smallint NOT NULL,
    code           text     NOT NULL,
    kind           text     NOT NULL,
    state          text     NOT NULL,
    name           text     NOT NULL,
    iban           text,
    revenue_code   text,
    province       text     NOT NULL,
    deposit_mode   text     NOT NULL,
    valid_from     date     NOT NULL,
    valid_to       date,
    approval       text,
    approval_state text     NOT NULL DEFAULT 'approved',
    closing        text,
    CONSTRAINT account_pk PRIMARY KEY (id),
    CONSTRAINT account_code_uq UNIQUE (book, code),
    CONSTRAINT account_agency_fk FOREIGN KEY (agency) REFERENCES agency (code),
    CONSTRAINT account_approval_fk FOREIGN KEY (approval, approval_state) REFERENCES approval (id, state),
    CONSTRAINT account_closing_fk FOREIGN KEY (closing, approval_state) REFERENCES approval (id, state),
    CONSTRAINT account_id_ck CHECK (id / 10000000 = agency AND id / 1000000 % 10 = book AND id % 1000000 > 0),
    CONSTRAINT account_book_ck CHECK (book IN (1, 2)),
    CONSTRAINT account_kind_ck CHECK (kind IN
        ('clearing', 'suspense-reversal', 'suspense-reconciliation', 'refunds-payable', 'bank-settlement',
         'fee-income', 'fee-expense', 'revenue', 'partner')),
    CONSTRAINT account_house_ck CHECK ((kind IN ('revenue', 'partner')) = (id % 1000000 > 99)),
    CONSTRAINT account_code_ck CHECK (code ~ CASE kind
        WHEN 'revenue' THEN '^R-' || agency || '-' || revenue_code || '-[0-9]{2}$'
        WHEN 'partner' THEN '^P-' || agency || '-[0-9]{2}$'
        ELSE '^' || kind || '@' || agency || '$' END),
    CONSTRAINT account_state_ck CHECK (state IN ('open', 'frozen', 'closed')),
    CONSTRAINT account_name_ck CHECK (length(name) BETWEEN 1 AND 100),
    -- ISO 7064 mod 97 over the rearranged IBAN: IR is 1827.
    CONSTRAINT account_iban_ck CHECK (iban ~ '^IR[0-9]{24}$'
        AND (substr(iban, 5) || '1827' || substr(iban, 3, 2))::numeric % 97 = 1),
    CONSTRAINT account_iban_kind_ck CHECK ((kind IN ('revenue', 'partner')) = (iban IS NOT NULL)),
    -- The first two digits are the classes of the budget law.
    CONSTRAINT account_revenue_code_ck CHECK (revenue_code ~ '^(1[1-6]|21|31)[0-9]{4}$'),
    CONSTRAINT account_revenue_kind_ck CHECK ((kind = 'revenue') = (revenue_code IS NOT NULL)),
    CONSTRAINT account_province_ck CHECK (province = '' OR province ~ '^IR-([012][0-9]|30)$'),
    CONSTRAINT account_deposit_mode_ck CHECK (deposit_mode IN ('NONE', 'CONSTANT', 'AMOUNT_BOUND')),
    CONSTRAINT account_period_ck CHECK (valid_to > valid_from),
    CONSTRAINT account_second_person_ck CHECK (kind NOT IN ('revenue', 'partner') OR approval IS NOT NULL),
    CONSTRAINT account_approval_state_ck CHECK (approval_state = 'approved'),
    CONSTRAINT account_closing_ck CHECK ((state = 'closed') = (closing IS NOT NULL))
);

-- The network's day, one row per book and day: opened by a cut-over or by the settlement date of an answer, closed by settlement.
CREATE TABLE business_day (
    book      smallint    NOT NULL,
    day       date        NOT NULL,
    state     text        NOT NULL,
    source    text        NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    CONSTRAINT business_day_pk PRIMARY KEY (book, day),
    CONSTRAINT business_day_book_ck CHECK (book IN (1, 2)),
    CONSTRAINT business_day_state_ck CHECK (state IN ('open', 'closed')),
    CONSTRAINT business_day_source_ck CHECK (length(source) BETWEEN 1 AND 40),
    CONSTRAINT business_day_closed_ck CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);

-- One movement of money: amount leaves the side of debit and is credited to credit. Columns stand in the order of their
-- alignment, widest first, because this is the most written table. There is no foreign key to account on purpose (one
-- look-up for each row of a group); the structure of the ids, the recorder's own check and the invariants stand for it.
CREATE TABLE transfer (
    agency       integer  NOT NULL,
    business_day date     NOT NULL,
    journal      uuid     NOT NULL,
    debit        bigint   NOT NULL,
    credit       bigint   NOT NULL,
    amount       bigint   NOT NULL,
    version      smallint NOT NULL,
    line         smallint NOT NULL,
    book         smallint NOT NULL,
    reverses     smallint NOT NULL,
    CONSTRAINT transfer_pk PRIMARY KEY (agency, business_day, journal, version, line),
    CONSTRAINT transfer_amount_ck CHECK (amount > 0),
    CONSTRAINT transfer_sides_ck CHECK (debit <> credit),
    CONSTRAINT transfer_book_ck CHECK (book IN (1, 2) AND debit / 1000000 % 10 = book AND credit / 1000000 % 10 = book),
    CONSTRAINT transfer_account_ck CHECK (debit % 1000000 > 0 AND credit % 1000000 > 0 AND debit >= 10000000 AND credit >= 10000000),
    CONSTRAINT transfer_version_ck CHECK (version > 0 AND line > 0),
    CONSTRAINT transfer_reverses_ck CHECK (reverses >= 0 AND reverses < version)
) PARTITION BY RANGE (business_day);

-- Turnover of an account on a business day through one lane; its balance is the sum over its rows. Room is left on every
-- page so that the repeated updates of a hot row stay on it.
CREATE TABLE balance (
    agency       integer  NOT NULL,
    account      bigint   NOT NULL,
    business_day date     NOT NULL,
    lane         smallint NOT NULL,
    debit        bigint   NOT NULL,
    credit       bigint   NOT NULL,
    CONSTRAINT balance_pk PRIMARY KEY (agency, account, business_day, lane),
    CONSTRAINT balance_debit_ck CHECK (debit >= 0),
    CONSTRAINT balance_credit_ck CHECK (credit >= 0)
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.05);

SELECT reference_table('account');
SELECT reference_table('business_day');
SELECT distribute_table('transfer', 'agency');
SELECT distribute_table('balance', 'agency');

CREATE INDEX account_agency_ix ON account (agency, code);
-- One live account to an IBAN in a book: a second one is nearly always a number typed into the wrong place.
CREATE UNIQUE INDEX account_iban_uq ON account (book, iban) WHERE state <> 'closed';

-- Both sides of every transfer as entries.
CREATE VIEW account_line AS
    SELECT agency, business_day, journal, version, line, book, debit AS account, credit AS counter,
           amount AS debit, 0::bigint AS credit, reverses
      FROM transfer
    UNION ALL
    SELECT agency, business_day, journal, version, line, book, credit AS account, debit AS counter,
           0::bigint AS debit, amount AS credit, reverses
      FROM transfer;

GRANT SELECT, INSERT ON account TO treasury_runtime;
GRANT UPDATE (state, closing) ON account TO treasury_runtime;
GRANT SELECT, INSERT ON business_day TO treasury_runtime;
GRANT UPDATE (state, closed_at) ON business_day TO treasury_runtime;
GRANT SELECT, INSERT ON transfer TO treasury_runtime;
GRANT SELECT, INSERT, UPDATE ON balance TO treasury_runtime;
GRANT SELECT ON account_line TO treasury_runtime;
REVOKE DELETE, TRUNCATE ON account, business_day, balance FROM PUBLIC, treasury_runtime;
REVOKE UPDATE, DELETE, TRUNCATE ON transfer FROM PUBLIC, treasury_runtime;

-- The ledger's own lane, for journals that no recorder writes. Its lease never ends, so no recorder takes it.
INSERT INTO lane (id, epoch, beat, owner, lease_until) VALUES (0, 0, 0, 'ledger', 'infinity');
