-- Cases: what one person proposes and another decides.
--
-- A row of payment_case is open until a proposal about it, or about a later case
-- of the same payment, was accepted and carried out. Nothing here is ever
-- changed: a proposal that was rejected is followed by the next round, one that
-- its payment has left behind by a proposal for the payment's new version.
-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- What a maker proposes for a payment as it was at a version of its history.
-- Money moves only out of status CASE; every other case can only be closed.
CREATE TABLE case_proposal (
    agency       int         NOT NULL,
    opened_on    date        NOT NULL,
    payment      uuid        NOT NULL,
    version      smallint    NOT NULL,
    round        smallint    NOT NULL,
    case_version smallint    NOT NULL,
    made_at      timestamptz NOT NULL,
    status       text        NOT NULL,
    outcome      text        NOT NULL,
    maker        text        NOT NULL,
    reason       text        NOT NULL,
    CONSTRAINT case_proposal_pk PRIMARY KEY (agency, opened_on, payment, version, round),
    CONSTRAINT case_proposal_maker_uq UNIQUE (agency, opened_on, payment, version, round, maker),
    CONSTRAINT case_proposal_case_fk FOREIGN KEY (agency, opened_on, payment, case_version) REFERENCES payment_case,
    CONSTRAINT case_proposal_round_ck CHECK (round >= 1),
    CONSTRAINT case_proposal_version_ck CHECK (case_version BETWEEN 1 AND version),
    CONSTRAINT case_proposal_outcome_ck CHECK (outcome IN ('approved', 'reversed', 'closed')),
    CONSTRAINT case_proposal_status_ck CHECK ((status = 'CASE') = (outcome <> 'closed')
        AND status NOT IN ('', 'PENDING', 'REVERSING')),
    CONSTRAINT case_proposal_maker_ck CHECK (maker <> ''),
    CONSTRAINT case_proposal_reason_ck CHECK (length(reason) BETWEEN 1 AND 400)
);
SELECT distribute_table('case_proposal', 'agency');

-- What somebody else says to it. The maker is part of the reference, so the
-- check compares the checker with the one who really proposed.
CREATE TABLE case_decision (
    agency     int         NOT NULL,
    opened_on  date        NOT NULL,
    payment    uuid        NOT NULL,
    version    smallint    NOT NULL,
    round      smallint    NOT NULL,
    decided_at timestamptz NOT NULL,
    maker      text        NOT NULL,
    checker    text        NOT NULL,
    verdict    text        NOT NULL,
    reason     text        NOT NULL,
    CONSTRAINT case_decision_pk PRIMARY KEY (agency, opened_on, payment, version, round),
    CONSTRAINT case_decision_proposal_fk FOREIGN KEY (agency, opened_on, payment, version, round, maker)
        REFERENCES case_proposal (agency, opened_on, payment, version, round, maker),
    CONSTRAINT case_decision_second_person_ck CHECK (checker <> maker AND checker <> ''),
    CONSTRAINT case_decision_verdict_ck CHECK (verdict IN ('accepted', 'rejected')),
    CONSTRAINT case_decision_reason_ck CHECK (length(reason) <= 400 AND (verdict = 'rejected') = (reason <> ''))
);
SELECT distribute_table('case_decision', 'agency');

REVOKE UPDATE, DELETE, TRUNCATE ON case_proposal, case_decision FROM PUBLIC, treasury_runtime;
GRANT SELECT, INSERT ON case_proposal, case_decision TO treasury_runtime;
