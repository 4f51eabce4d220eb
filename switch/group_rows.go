package switching

import "github.com/jackc/pgx/v5"

// queueTask writes what becomes of the payment's reversal. These rows exist
// only where there is need, so they are written one by one.
func queueTask(b *pgx.Batch, e *Entry) {
	p := &e.Plan.Payment
	key := []any{p.Agency, p.OpenedOn.Time(), p.ID}
	const where = ` WHERE agency = $1 AND opened_on = $2 AND payment = $3`
	switch e.Plan.Task {
	case QueueNow, QueueLater:
		b.Queue(insertReversal, append(key, p.Book, e.STAN, e.At, int64(e.Plan.Amount), e.NextAt)...)
	case Hurry:
		b.Queue(`UPDATE saf SET next_at = $4`+where+` AND next_at > $4`, append(key, e.NextAt)...)
	case WaitWindow:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL`+where, append(key, e.NextAt)...)
	case BackOff:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL`+where+ofTry, append(key, e.NextAt, e.Plan.Tries)...)
	case BackOffHard:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL, rejects = rejects + 1`+where+ofTry, append(key, e.NextAt, e.Plan.Tries)...)
	case Dequeue:
		b.Queue(`DELETE FROM saf`+where, key...)
	}
}

// ofTry holds as long as nothing has become of the try that was claimed last. A plan without a record leaves nothing by which a
// repetition of its group would know that it was written: so it changes the row of its own try alone, and once.
const ofTry = ` AND tries = $5 AND claimed_until IS NOT NULL`

// insertReversal queues a reversal under its trace number, or the next one that no other of the agency has in the same second: a message is
// known by acquirer, terminal, trace number and transmission time to the second. Without a free one among so many the row is refused.
const insertReversal = `
INSERT INTO saf (agency, opened_on, payment, book, stan, transmission, amount, tries, rejects, next_at, queued_at)
SELECT $1, $2, $3, $4, free.stan, date_trunc('second', $6::timestamptz), $7, 0, 0, $8, $6
  FROM (VALUES (1)) AS one LEFT JOIN LATERAL (
	SELECT (($5::int - 1 + i) % 999999) + 1 AS stan FROM generate_series(0, 99) AS i
	 WHERE NOT EXISTS (SELECT 1 FROM saf WHERE agency = $1 AND transmission = date_trunc('second', $6::timestamptz)
	                      AND stan = (($5::int - 1 + i) % 999999) + 1)
	 ORDER BY i LIMIT 1) AS free ON true`

func queueCase(b *pgx.Batch, e *Entry) {
	if e.Plan.Case == "" {
		return
	}
	p := &e.Plan.Payment
	b.Queue(`INSERT INTO payment_case (agency, opened_on, payment, version, book, owner, reason, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.Agency, p.OpenedOn.Time(), p.ID, p.Version, p.Book, caseOwner, string(e.Plan.Case), e.At)
	b.Queue(`INSERT INTO open_case (agency, opened_on, payment, version) VALUES ($1, $2, $3, $4)`,
		p.Agency, p.OpenedOn.Time(), p.ID, p.Version)
}

// caseOwner is who owns a case until somebody takes it: the treasury's
// reconciliation desk.
const caseOwner = "reconciliation"
