package recorder

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// claimTime bounds the storing of a claim, because the outcome of a payment waits for it.
const claimTime = 2 * time.Second

// MaxDayReach is the largest difference at which a business day can be believed: beyond it a date without a year is
// ambiguous.
const MaxDayReach = 180

// DayTables is the database access of Days.
type DayTables interface {
	// CurrentDay is the latest business day of a book within reach days of Tehran's date; fault.NotFound before the
	// first.
	CurrentDay(ctx context.Context, book ledger.Book, reach int) (calendar.Date, error)
	// OpenDay opens a business day, or leaves it open.
	OpenDay(ctx context.Context, book ledger.Book, day calendar.Date, by string, at time.Time) error
	// ApprovedDays are the days that two persons have approved.
	ApprovedDays(ctx context.Context) (map[ledger.DayAt]bool, error)
	// KeepClaim stores that the network named a day that is not believed.
	KeepClaim(ctx context.Context, c ledger.Claim) error
}

// Days holds the current business day of each book, and decides which days are believed when the network names them.
type Days struct {
	Tables DayTables
	Reach  int // how many days the network's business day may differ from Tehran's date
	Alarm  func(payment.Reason)
	Log    *slog.Logger
	Now    func() time.Time // database time

	live, test atomic.Int32
	approved   atomic.Pointer[map[ledger.DayAt]bool]
}

// Today is the current business day of a book: zero until the network has named one.
func (d *Days) Today(book ledger.Book) calendar.Date { return calendar.Date(d.of(book).Load()) }

// Open opens a business day in the books whose network cuts over. fault.Conflict: the day is too far from Tehran's date
// to be believed.
func (d *Days) Open(ctx context.Context, day calendar.Date, books ...ledger.Book) error {
	for _, book := range books {
		if !d.believes(book, day) {
			d.claimed(ctx, book, day, ledger.ByCutOver)
			d.Alarm(payment.DayNotBelieved)
			return fault.New(fault.Conflict, "%s is more than %d days away from Tehran's date: two persons have to approve it (treasury-switch day propose)",
				day, d.Reach)
		}
		if err := d.Tables.OpenDay(ctx, book, day, ledger.ByCutOver, d.Now()); err != nil {
			return err
		}
	}
	return d.Refresh(ctx)
}

// Refresh reads the current business days, which any node may have changed, and the approved ones.
func (d *Days) Refresh(ctx context.Context) error {
	approved, err := d.Tables.ApprovedDays(ctx)
	if err != nil {
		return err
	}
	d.approved.Store(&approved)
	for _, book := range []ledger.Book{ledger.Live, ledger.Test} {
		day, err := d.Tables.CurrentDay(ctx, book, d.Reach)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		d.set(book, day)
	}
	return nil
}

// believes reports whether a business day that the network names is accepted: it is within reach of Tehran's date by
// the database's clock, or two persons have approved it.
func (d *Days) believes(book ledger.Book, day calendar.Date) bool {
	if ledger.Believable(day, calendar.DateOf(d.Now()), d.Reach) {
		return true
	}
	approved := d.approved.Load()
	return approved != nil && (*approved)[ledger.DayAt{Book: book, Day: day}]
}

// Judged returns an answer of the network with the judgement of its business day. A day that is not believed is
// stored as evidence. If the answer reports a debit, Decide raises the alarm.
func (d *Days) Judged(ctx context.Context, p *payment.Payment, e payment.Answered) payment.Answered {
	e.Strange = !e.Day.IsZero() && !d.believes(p.Book, e.Day)
	if e.Strange {
		d.claimed(ctx, p.Book, e.Day, ledger.ByAnswer)
		if !e.Debits() {
			d.Alarm(payment.DayNotBelieved)
		}
	}
	return e
}

// OfReversal returns the date of the journal that undoes a payment: the current business day, or the one that the
// network's answer to the reversal names, if that is later and believed.
func (d *Days) OfReversal(ctx context.Context, p *payment.Payment, named calendar.Date) calendar.Date {
	today := d.Today(p.Book)
	switch {
	case named <= today:
		return today
	case d.believes(p.Book, named):
		return named
	}
	d.claimed(ctx, p.Book, named, ledger.ByAnswer)
	d.Alarm(payment.DayNotBelieved)
	return today
}

// claimed stores that the network named a day that is not believed.
func (d *Days) claimed(ctx context.Context, book ledger.Book, day calendar.Date, source string) {
	d.Log.Error("business day of the network not believed", "book", book.String(), "day", day.String(), "source", source)
	limited, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	if err := d.Tables.KeepClaim(limited, ledger.Claim{Book: book, Day: day, Source: source, SaidAt: d.Now()}); err != nil {
		d.Log.Error("claim of a business day not kept", "day", day.String(), "error", err)
	}
}

// posted notes that a journal of a later day was recorded: the network has named that day.
func (d *Days) posted(j *ledger.Journal) {
	if j != nil && j.BusinessDay > d.Today(j.Book) && d.believes(j.Book, j.BusinessDay) {
		d.set(j.Book, j.BusinessDay)
	}
}

func (d *Days) of(b ledger.Book) *atomic.Int32 {
	if b == ledger.Test {
		return &d.test
	}
	return &d.live
}

func (d *Days) set(b ledger.Book, day calendar.Date) { d.of(b).Store(int32(day)) }
