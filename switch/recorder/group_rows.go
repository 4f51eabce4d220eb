package recorder

import (
	"github.com/jackc/pgx/v5"

	"treasury-switch/switch/payment"
)

// queueTask writes what becomes of a queued reversal. These rows exist
// only where there is need, so they are written one by one.
func queueTask(b *pgx.Batch, e *Entry) {
	p := &e.Plan.Payment
	key := []any{p.Agency, p.OpenedOn.Time(), p.ID}
	const where = ` WHERE agency = $1 AND opened_on = $2 AND payment = $3`
	switch e.Plan.Task {
	case payment.Hurry:
		b.Queue(`UPDATE saf SET next_at = $4`+where+` AND next_at > $4`, append(key, e.NextAt)...)
	case payment.WaitWindow:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL`+where, append(key, e.NextAt)...)
	case payment.BackOff:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL`+where+ofTry, append(key, e.NextAt, e.Plan.Tries)...)
	case payment.BackOffHard:
		b.Queue(`UPDATE saf SET next_at = $4, claimed_until = NULL, rejects = rejects + 1`+where+ofTry, append(key, e.NextAt, e.Plan.Tries)...)
	case payment.Dequeue:
		b.Queue(`DELETE FROM saf`+where, key...)
	}
}

// ofTry holds as long as nothing has become of the try that was claimed last. A plan without a record leaves nothing by which a
// repetition of its group would know that it was written: so it changes the row of its own try alone, and once.
const ofTry = ` AND tries = $5 AND claimed_until IS NOT NULL`
