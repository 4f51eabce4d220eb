package switching

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
)

// Bounds of the repeated search for the original of an unmatched message: soon at first, then after pauses as long as
// it has waited, until no payment that F90 may name can still be received.
const (
	againFirst     = 5 * time.Second
	againMost      = time.Minute
	againFor       = receiptWindow + time.Minute
	unmatchedBatch = 32
	unmatchedMost  = 64               // per terminal; messages beyond that are not answered
	unmatchedHold  = 30 * time.Second // how long a node holds a row, and the pause after a failure
)

// unmatched is a message that was answered without its original: a reversal that was accepted, or an inquiry that was
// told 25. A tombstone declines the original if it comes with the message's F12 and F13, or with F90's time. If it
// comes with others, this row leads to it, and it is undone.
type unmatched struct {
	payment.Key // of the tombstone under the message's own F12 and F13
	named
	next time.Time
}

// terminal is the sender.
func (u *unmatched) terminal() registry.Terminal {
	return registry.Terminal{ID: u.original.Terminal, Agency: u.Agency}
}

// storeUnmatched stores a message that is answered by a tombstone, before the answer leaves. A repeat is stored too,
// because the process that wrote the tombstone may have ended before it could. If it cannot be stored, nothing is
// promised.
func (s *Switch) storeUnmatched(ctx context.Context, t registry.Terminal, n named, got receipt, a Answer) Answer {
	if a.Code == payment.InProgress {
		return a
	}
	u := unmatched{Key: s.key(t.Agency, n.original), named: n, next: got.at.Add(againFirst)}
	if err := s.Store.keepUnmatched(ctx, u); err != nil {
		s.Log.Error("message without an original not stored", "terminal", t.ID, "error", err)
		return refuse(payment.InProgress)
	}
	return a
}

// lookAgain looks for the originals of the unmatched messages that are due, for leftFor at most: others may have
// become due meanwhile.
func (s *Switch) lookAgain(ctx context.Context) error {
	var failures []error
	for began := time.Now(); time.Since(began) < leftFor; {
		due, err := s.Store.unmatchedDue(ctx, s.Now())
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		for _, u := range due {
			failures = append(failures, s.lookAgainFor(ctx, u))
		}
		if len(due) < unmatchedBatch {
			break
		}
	}
	return errors.Join(failures...)
}

// lookAgainFor undoes the original if it has come. If the search ends without telling which it is, a person has to look.
func (s *Switch) lookAgainFor(ctx context.Context, u unmatched) error {
	mine, err := s.Store.holdUnmatched(ctx, u, s.Now().Add(unmatchedHold))
	if err != nil || !mine {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	p, err := s.find(limited, u.terminal(), u.named, u.whose(s.Now()) == ofMessage)
	several := fault.Is(err, fault.Conflict)
	waited := s.Now().Sub(u.at)
	switch {
	case err == nil:
		err = s.undoLate(ctx, p)
	case !several && !fault.Is(err, fault.NotFound):
		if waited > againFor {
			s.Observe.Alarm(payment.NotEnded)
		}
		return err
	case waited < againFor && waited > -nodeSkew: // a row from further ahead has a wrong clock's time: the search is over
		return s.Store.postponeUnmatched(ctx, u.Key, s.Now().Add(min(max(waited, againFirst), againMost)))
	default:
		err = s.openCasesFor(ctx, u, several)
	}
	if err != nil {
		return err
	}
	return s.Store.dropUnmatched(ctx, u.Key)
}

// undoLate undoes a payment that came after its reversal was accepted, or after its terminal was told that it never
// came.
func (s *Switch) undoLate(ctx context.Context, p payment.Payment) error {
	settled, err := s.applier.Settled(ctx, &p)
	if err != nil {
		return err
	}
	e := payment.ReversalAsked{Says: payment.Content{Amount: p.Amount}, Advice: true, Settled: settled, Today: s.Today(p.Book)}
	limited, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	v, err := s.applyWithin(limited, p, e)
	if err == nil && v.Payment.Version != p.Version {
		s.Log.Warn("payment came after what its terminal was told of it, and is undone", "terminal", p.Terminal, "stan", p.STAN,
			"rrn", p.RRN.String(), "status", v.Payment.Status)
	}
	return err
}

// openCasesFor opens a case on each approved payment that a message may have meant: the same terminal, STAN, amount and
// card, received about the time that F90 gives, or within a day if it gives none. It opens none if F12 is F90's time
// and nothing matches. After an error it is to be done again, also while one of the payments has no outcome yet.
func (s *Switch) openCasesFor(ctx context.Context, u unmatched, several bool) error {
	if u.whose(s.Now()) == ofF90 && !several {
		return nil
	}
	shown, err := s.openCasesAbout(ctx, u, u.receipts(s.Now()))
	if err != nil || shown > 0 && u.timed(s.Now()) {
		return err
	}
	_, err = s.openCasesAbout(ctx, u, u.before(aDay))
	return err
}

// before returns times that cover everything received within that long before the message.
func (n named) before(long time.Duration) (times []time.Time) {
	for back := time.Duration(0); back <= long; back += 2 * receiptWindow {
		times = append(times, n.at.Add(-back))
	}
	return times
}

// openCasesAbout opens the cases of the payments received about these times, and counts them.
func (s *Switch) openCasesAbout(ctx context.Context, u unmatched, times []time.Time) (shown int, err error) {
	for _, at := range times {
		limited, cancel := context.WithTimeout(ctx, endLimit)
		some, _, err := s.receivedAbout(limited, u.terminal(), u.named, at)
		for _, p := range some {
			switch {
			case err != nil:
			case p.Status == payment.Pending:
				err = fault.New(fault.Unavailable, "payment %s, which a reversal may mean, has no outcome yet", p.RRN)
			case p.Status == payment.Approved:
				shown++
				err = s.openCaseOf(limited, p)
			}
		}
		if cancel(); err != nil {
			return shown, err
		}
	}
	return shown, nil
}

// openCaseOf opens a case on a payment that a reversal may have meant, unless another person has one already.
func (s *Switch) openCaseOf(ctx context.Context, p payment.Payment) error {
	open, err := s.Store.caseOpen(ctx, p.Key)
	if err == nil {
		_, err = s.applyWithin(ctx, p, payment.PerhapsReversed{Open: open})
	}
	return err
}

// mayExist reports whether a payment exists that a message may mean whose F12 and F13 are its original's only as
// far as clocks tell: with that terminal, STAN, amount and card, and not declined.
func (s *Switch) mayExist(ctx context.Context, t registry.Terminal, n named) (there bool, err error) {
	if n.whose(s.Now()) == ofF90 {
		return false, nil
	}
	err = s.inTurn(ctx, t, func(ctx context.Context) error {
		there, err = s.anyReceivedAbout(ctx, t, n)
		return err
	})
	return there, err
}

func (s *Switch) anyReceivedAbout(ctx context.Context, t registry.Terminal, n named) (bool, error) {
	times := n.receipts(s.Now())
	if !n.timed(s.Now()) {
		times = append(times, n.before(aDay)...)
	}
	for _, at := range times {
		some, more, err := s.receivedAbout(ctx, t, n, at)
		if err != nil || more || slices.ContainsFunc(some, func(p payment.Payment) bool { return !holdsNothing(&p) }) {
			return err == nil, err
		}
	}
	return false, nil
}

// keepUnmatched inserts a row. The row of an earlier message with the same F12 and F13 stays. fault.Unavailable: the
// terminal has too many already.
func (t tables) keepUnmatched(ctx context.Context, u unmatched) error {
	o, others := &u.original, 0
	err := t.db.QueryRow(ctx, `SELECT count(*) FROM unmatched WHERE agency = $1 AND terminal = $2 AND payment <> $3`,
		u.Agency, o.Terminal, u.ID).Scan(&others)
	if err == nil && others >= unmatchedMost {
		return fault.New(fault.Unavailable, "the originals of %d messages of terminal %s are being looked for already", others, o.Terminal)
	}
	if err == nil {
		_, err = t.db.Exec(ctx, `
		INSERT INTO unmatched (agency, opened_on, payment, terminal, stan, local_time, local_date, sent, own, amount, pan_token, received_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
			u.Agency, u.OpenedOn.Time(), u.ID, o.Terminal, o.STAN, o.LocalTime, o.LocalDate.Time(), u.sent, u.own, int64(u.amount), u.card, u.at, u.next)
	}
	if err != nil {
		return fmt.Errorf("store a message without its original: %w", err)
	}
	return nil
}

// unmatchedDue reads rows that are due, the longest overdue first. A row that is due later than any pause allows was
// written under a clock that has since been set back, and is due as well.
func (t tables) unmatchedDue(ctx context.Context, now time.Time) ([]unmatched, error) {
	rows, err := t.db.Query(ctx, `
		SELECT agency, opened_on, payment, terminal, stan, local_time, local_date, sent, own, amount, pan_token, received_at, next_at
		  FROM unmatched WHERE next_at <= $1 OR next_at > $2 ORDER BY next_at LIMIT $3`, now, now.Add(againMost+nodeSkew), unmatchedBatch)
	if err != nil {
		return nil, fmt.Errorf("read the messages without their originals: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (u unmatched, err error) {
		var opened, local time.Time
		o := &u.original
		err = row.Scan(&u.Agency, &opened, &u.ID, &o.Terminal, &o.STAN, &o.LocalTime, &local, &u.sent, &u.own, (*int64)(&u.amount), &u.card,
			&u.at, &u.next)
		u.OpenedOn, o.LocalDate = calendar.FromDB(opened), calendar.FromDB(local)
		return u, err
	})
}

// holdUnmatched takes a row for a while; false if another node has it.
func (t tables) holdUnmatched(ctx context.Context, u unmatched, until time.Time) (bool, error) {
	done, err := t.db.Exec(ctx, `UPDATE unmatched SET next_at = $5 WHERE agency = $1 AND opened_on = $2 AND payment = $3 AND next_at = $4`,
		u.Agency, u.OpenedOn.Time(), u.ID, u.next, until)
	return done.RowsAffected() == 1, err
}

func (t tables) postponeUnmatched(ctx context.Context, k payment.Key, until time.Time) error {
	_, err := t.db.Exec(ctx, `UPDATE unmatched SET next_at = $4 WHERE agency = $1 AND opened_on = $2 AND payment = $3`,
		k.Agency, k.OpenedOn.Time(), k.ID, until)
	return err
}

func (t tables) dropUnmatched(ctx context.Context, k payment.Key) error {
	_, err := t.db.Exec(ctx, `DELETE FROM unmatched WHERE agency = $1 AND opened_on = $2 AND payment = $3`, k.Agency, k.OpenedOn.Time(), k.ID)
	return err
}
