package switching

import (
	"context"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// Store is the switch's access to payments, business days and queued reversals, besides its recorder. [NewStore] makes
// one over a database.
type Store interface {
	recorder.Reads
	recorder.DayTables
	// PaymentByRRN reads the payment of an agency by its retrieval reference number.
	PaymentByRRN(ctx context.Context, agency int32, rrn payment.RRN) (payment.Payment, error)

	swept(ctx context.Context, p pass) (time.Time, error)
	mark(ctx context.Context, p pass, until time.Time) error
	nodeEnded(ctx context.Context, from time.Time) (bool, error)
	summarise(ctx context.Context) error
	received(ctx context.Context, q sought) ([]payment.Key, error)
	keepUnmatched(ctx context.Context, u unmatched) error
	unmatchedDue(ctx context.Context, now time.Time) ([]unmatched, error)
	holdUnmatched(ctx context.Context, u unmatched, until time.Time) (mine bool, err error)
	postponeUnmatched(ctx context.Context, k payment.Key, until time.Time) error
	dropUnmatched(ctx context.Context, k payment.Key) error
	withoutOutcome(ctx context.Context, from, until time.Time) ([]payment.Payment, error)
	addOpen(ctx context.Context, open map[payment.Key]time.Time) error
	dueOpen(ctx context.Context, now time.Time) ([]payment.Key, error)
	dropOpen(ctx context.Context, keys []payment.Key) error
	postponeOpen(ctx context.Context, keys []payment.Key, until time.Time) error

	agenciesDue(ctx context.Context, now, farthest time.Time) ([]int32, error)
	claim(ctx context.Context, agency int32, now, farthest, until time.Time) (it recorder.DueReversal, found bool, err error)
	reversalSent(ctx context.Context, k payment.Key) (stan int, at time.Time, err error)
	queueLength(ctx context.Context) (queued int64, oldest time.Time, err error)

	serialsTaken(ctx context.Context, day calendar.Date) (int, error)
	openCases(ctx context.Context) (open int, oldest time.Time, err error)
	caseOpen(ctx context.Context, k payment.Key) (bool, error)
	dropAnswered(ctx context.Context) error
	makePartitions(ctx context.Context, from time.Time) error
	partitioned(ctx context.Context, days ...time.Time) (bool, error)
	keyAwaited(ctx context.Context, day calendar.Date) (bool, error)
	keySearched(ctx context.Context, day calendar.Date) (time.Time, error)
	keyMark(ctx context.Context, day calendar.Date, from, to time.Time) error
	needsKey(ctx context.Context, day calendar.Date, from, to time.Time) error
}

// tables is the Store of a database. Each statement is in the file of its subject.
type tables struct{ db postgres.Querier }

// NewStore makes a Store over a pool or a connection.
func NewStore(db postgres.Querier) Store { return tables{db} }

func (t tables) Payment(ctx context.Context, k payment.Key) (payment.Payment, error) {
	return payment.Load(ctx, t.db, k)
}

func (t tables) PaymentByRRN(ctx context.Context, agency int32, rrn payment.RRN) (payment.Payment, error) {
	return payment.LoadByRRN(ctx, t.db, agency, rrn)
}

func (t tables) DayState(ctx context.Context, book ledger.Book, day calendar.Date) (ledger.DayState, error) {
	states, err := ledger.DayStates(ctx, t.db, book, []calendar.Date{day})
	return states[day], err
}

func (t tables) CurrentDay(ctx context.Context, book ledger.Book, reach int) (calendar.Date, error) {
	return ledger.CurrentDay(ctx, t.db, book, reach)
}

func (t tables) serialsTaken(ctx context.Context, day calendar.Date) (int, error) {
	return payment.SerialsTaken(ctx, t.db, day)
}

func (t tables) caseOpen(ctx context.Context, k payment.Key) (bool, error) {
	return payment.HasOpenCase(ctx, t.db, k, payment.OriginalUnmatched)
}

func (t tables) openCases(ctx context.Context) (open int, oldest time.Time, err error) {
	return payment.OpenCases(ctx, t.db)
}

func (t tables) dropAnswered(ctx context.Context) error { return payment.DropAnswered(ctx, t.db) }

func (t tables) agenciesDue(ctx context.Context, now, farthest time.Time) ([]int32, error) {
	return recorder.AgenciesDue(ctx, t.db, now, farthest)
}

func (t tables) claim(ctx context.Context, agency int32, now, farthest, until time.Time) (it recorder.DueReversal, found bool, err error) {
	return recorder.ClaimReversal(ctx, t.db, agency, now, farthest, until)
}

func (t tables) reversalSent(ctx context.Context, k payment.Key) (stan int, at time.Time, err error) {
	return recorder.ReversalSent(ctx, t.db, k)
}

func (t tables) queueLength(ctx context.Context) (queued int64, oldest time.Time, err error) {
	return recorder.QueueLength(ctx, t.db)
}

func (t tables) ApprovedDays(ctx context.Context) (map[ledger.DayAt]bool, error) {
	return ledger.ApprovedDays(ctx, t.db)
}

func (t tables) KeepClaim(ctx context.Context, c ledger.Claim) error {
	return ledger.KeepClaim(ctx, t.db, c)
}

func (t tables) OpenDay(ctx context.Context, book ledger.Book, day calendar.Date, by string, at time.Time) error {
	return ledger.OpenDay(ctx, t.db, book, day, by, at)
}
