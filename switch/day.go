package switching

import (
	"context"
	"sync/atomic"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

// What names a business day.
const (
	byCutOver = "cut-over"
	byAnswer  = "answer"
)

// claimTime bounds the keeping of a claim, behind which the outcome of a payment waits.
const claimTime = 2 * time.Second

// Today is the current business day of a book: zero until the network has named
// one.
func (s *Switch) Today(book ledger.Book) calendar.Date { return s.days.current(book) }

// OpenDay opens a business day in the books whose network cuts over. fault.Conflict: the day is too far from Tehran's date to be believed.
func (s *Switch) OpenDay(ctx context.Context, day calendar.Date, books ...ledger.Book) error {
	for _, book := range books {
		if !s.believes(book, day) {
			s.claimed(ctx, book, day, byCutOver)
			s.Observe.Alarm(DayNotBelieved)
			return fault.New(fault.Conflict, "%s is more than %d days away from Tehran's date: two persons have to approve it (treasury-switch day propose)",
				day, s.cfg.DayReach)
		}
		if err := s.Store.OpenDay(ctx, book, day, byCutOver, s.Now()); err != nil {
			return err
		}
	}
	return s.RefreshDays(ctx)
}

// RefreshDays reads the current business days, which any node may have changed, and those that two persons have opened.
func (s *Switch) RefreshDays(ctx context.Context) error {
	approved, err := s.Store.approvedDays(ctx)
	if err != nil {
		return err
	}
	s.days.approved.Store(&approved)
	for _, book := range []ledger.Book{ledger.Live, ledger.Test} {
		day, err := s.Store.CurrentDay(ctx, book, s.cfg.DayReach)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		s.days.set(book, day)
	}
	return nil
}

// believes reports whether a business day that the network names is taken for true: it is within a few days of Tehran's date by the database's
// clock, or two persons have opened it.
func (s *Switch) believes(book ledger.Book, day calendar.Date) bool {
	if ledger.Believable(day, calendar.DateOf(s.Now()), s.cfg.DayReach) {
		return true
	}
	approved := s.days.approved.Load()
	return approved != nil && (*approved)[ledger.DayAt{Book: book, Day: day}]
}

// believed is an answer of the network with what is to be thought of its business day. A day that is not believed is kept as evidence. Where
// the answer says that a card was debited, Decide has operators told.
func (s *Switch) believed(ctx context.Context, p *Payment, e Answered) Answered {
	e.Strange = !e.Day.IsZero() && !s.believes(p.Book, e.Day)
	if e.Strange {
		s.claimed(ctx, p.Book, e.Day, byAnswer)
		if !debits(e) {
			s.Observe.Alarm(DayNotBelieved)
		}
	}
	return e
}

// reversalDay dates what undoes a payment: by the current business day, or the one that the network's answer to the reversal names, if that
// is later and believed.
func (s *Switch) reversalDay(ctx context.Context, p *Payment, named calendar.Date) calendar.Date {
	today := s.Today(p.Book)
	switch {
	case named <= today:
		return today
	case s.believes(p.Book, named):
		return named
	}
	s.claimed(ctx, p.Book, named, byAnswer)
	s.Observe.Alarm(DayNotBelieved)
	return today
}

// claimed keeps that the network named a day that is not believed.
func (s *Switch) claimed(ctx context.Context, book ledger.Book, day calendar.Date, source string) {
	s.Log.Error("business day of the network not believed", "book", book.String(), "day", day.String(), "source", source)
	limited, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	if err := s.Store.keepClaim(limited, ledger.Claim{Book: book, Day: day, Source: source, SaidAt: s.Now()}); err != nil {
		s.Log.Error("claim of a business day not kept", "day", day.String(), "error", err)
	}
}

// days holds the current business day of each book, and the days that two persons have opened.
type days struct {
	live, test atomic.Int32
	approved   atomic.Pointer[map[ledger.DayAt]bool]
}

func (d *days) of(b ledger.Book) *atomic.Int32 {
	if b == ledger.Test {
		return &d.test
	}
	return &d.live
}

func (d *days) current(b ledger.Book) calendar.Date  { return calendar.Date(d.of(b).Load()) }
func (d *days) set(b ledger.Book, day calendar.Date) { d.of(b).Store(int32(day)) }
