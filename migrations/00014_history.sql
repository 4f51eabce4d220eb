-- What must stay quick however long the history is.
--
-- Rows that exist only while something is open, and marks of what was read
-- already: what asks for them reads as much as is open, and not as much as ever was.

-- +goose Up
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = 'off';
SET LOCAL citus.enable_unsafe_triggers = 'on';

-- Cases that may still wait for somebody: a row is written with its case, and goes
-- some time after the case was answered. Whoever reads it asks whether it was.
CREATE TABLE open_case (
    agency    int      NOT NULL,
    opened_on date     NOT NULL,
    payment   uuid     NOT NULL,
    version   smallint NOT NULL,
    CONSTRAINT open_case_pk PRIMARY KEY (agency, opened_on, payment, version),
    CONSTRAINT open_case_case_fk FOREIGN KEY (agency, opened_on, payment, version) REFERENCES payment_case
);
SELECT distribute_table('open_case', 'agency');

GRANT SELECT, INSERT, DELETE ON open_case TO treasury_runtime;

INSERT INTO open_case (agency, opened_on, payment, version)
SELECT c.agency, c.opened_on, c.payment, c.version FROM payment_case c
 WHERE NOT EXISTS (
	SELECT 1 FROM case_proposal q JOIN case_decision d USING (agency, opened_on, payment, version, round)
	 WHERE q.agency = c.agency AND q.opened_on = c.opened_on AND q.payment = c.payment AND q.case_version >= c.version
	   AND d.verdict = 'accepted' AND q.outcome = 'closed');

-- The network knows a message by acquirer, terminal, trace number and transmission time, to the second.
ALTER TABLE saf ADD CONSTRAINT saf_message_uq UNIQUE (agency, transmission, stan);
