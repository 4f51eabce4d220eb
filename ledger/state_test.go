package ledger

import (
	"context"
	"runtime"
	"testing"

	"github.com/jackc/pgx/v5"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// inTx runs do in a transaction of the program and commits it if do succeeds.
func (b *books) inTx(do func(pgx.Tx) error) error {
	tx, err := b.db.Begin(b.ctx)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback(b.ctx)
		return err
	}
	return tx.Commit(b.ctx)
}

func (b *books) freeze(book Book, code string) {
	b.t.Helper()
	b.must(b.inTx(func(tx pgx.Tx) error { return Freeze(b.ctx, tx, b.id(book, code)) }))
}

// untilBlocked returns when a session of the test's database waits for a lock. A result before that fails the test.
func (b *books) untilBlocked(result <-chan error) {
	b.t.Helper()
	for waiting := 0; waiting == 0; runtime.Gosched() {
		select {
		case err := <-result:
			b.t.Fatalf("it did not wait for the running group: %v", err)
		default:
		}
		b.must(b.owner.QueryRow(b.ctx, `
			SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
	}
}

// TestStateChangesWaitForRunningGroups: who takes an account or a day out of use waits for the groups that saw it in use;
// what they booked counts, and the next group sees the new state.
func TestStateChangesWaitForRunningGroups(t *testing.T) {
	b := newBooks(t)
	b.lane(1)
	revenue := b.id(Live, "R-101-140101-01")
	approval := b.approval()
	changes := []struct {
		name   string
		change func() error
		kind   fault.Kind
		after  State
		day    DayState
	}{
		{"close an account", func() error {
			return b.inTx(func(tx pgx.Tx) error { return Close(b.ctx, tx, revenue, approval) })
		}, fault.Conflict, "", DayOpen}, // The group's credit is found: no zero balance.
		{"freeze an account", func() error {
			return b.inTx(func(tx pgx.Tx) error { return Freeze(b.ctx, tx, revenue) })
		}, fault.None, Frozen, DayOpen},
		{"close the day", func() error { return CloseDay(b.ctx, b.db, Live, saturday, noon) }, fault.None, Frozen, DayClosed},
	}
	for i, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			group := b.group(1)
			defer group.Rollback(context.Background())
			result := make(chan error, 1)
			go func() { result <- c.change() }()
			b.untilBlocked(result)
			b.must(Record(b.ctx, group, 1, []Journal{b.approvalOf(uint64(i + 1))}))
			b.must(group.Commit(b.ctx))
			if err := <-result; fault.KindOf(err) != c.kind {
				t.Fatalf("got %v, want %s", err, c.kind)
			}
			next := b.group(1)
			refused, err := refusals(b.ctx, next, nil, []AccountID{revenue})
			b.must(err)
			days, err := DayStates(b.ctx, next, Live, []calendar.Date{saturday})
			b.must(err)
			b.must(next.Commit(b.ctx))
			if refused[revenue] != c.after || days[saturday] != c.day {
				t.Errorf("the next group sees account %q, day %q; want %q, %q", refused[revenue], days[saturday], c.after, c.day)
			}
		})
	}
	b.holds()
}

// TestALaneThatIsBeingMadeIsTold: whoever takes an account out of use waits for a lane that is being made, and raises its count too.
func TestALaneThatIsBeingMadeIsTold(t *testing.T) {
	b := newBooks(t)
	b.lane(1)
	revenue := b.id(Live, "R-101-140101-01")
	making, err := b.owner.Begin(b.ctx)
	b.must(err)
	defer making.Rollback(context.Background())
	b.must(LockLanes(b.ctx, making))
	_, err = making.Exec(b.ctx, `INSERT INTO lane (id, epoch, beat, owner) VALUES (2, 0, 0, 'test')`)
	b.must(err)
	result := make(chan error, 1)
	go func() { result <- b.inTx(func(tx pgx.Tx) error { return Freeze(b.ctx, tx, revenue) }) }()
	b.untilBlocked(result)
	b.must(making.Commit(b.ctx))
	b.must(<-result)
	var told int
	b.must(b.owner.QueryRow(b.ctx, `SELECT count(*) FROM lane WHERE closings = 1`).Scan(&told))
	if told != 3 {
		t.Errorf("%d lanes were told, want the ledger's and two more", told)
	}
}

func TestAccountStates(t *testing.T) {
	b := newBooks(t)
	id := b.id(Live, "R-101-140101-01")
	state := func() State {
		t.Helper()
		refused, err := refusals(b.ctx, b.db, nil, []AccountID{id})
		b.must(err)
		return refused[id]
	}
	expect := func(verb string, err error, kind fault.Kind, after State) {
		t.Helper()
		if fault.KindOf(err) != kind || state() != after {
			t.Errorf("%s: %v, then %q; want %s and %q", verb, err, state(), kind, after)
		}
	}
	freeze := func(tx pgx.Tx) error { return Freeze(b.ctx, tx, id) }
	reopen := func(tx pgx.Tx) error { return Reopen(b.ctx, tx, id) }
	approval := b.approval()
	end := func(tx pgx.Tx) error { return Close(b.ctx, tx, id, approval) }

	expect("freeze", b.inTx(freeze), fault.None, Frozen)
	expect("freeze again", b.inTx(freeze), fault.None, Frozen)
	expect("reopen", b.inTx(reopen), fault.None, "")
	b.post(b.approvalOf(1))
	expect("close with a balance", b.inTx(end), fault.Conflict, "")
	b.post(withdrawalOf(b.approvalOf(1)))
	expect("close without approval", b.inTx(func(tx pgx.Tx) error { return Close(b.ctx, tx, id, "T-none") }), fault.Invalid, "")
	expect("close", b.inTx(end), fault.None, Closed)
	expect("freeze closed", b.inTx(freeze), fault.Conflict, Closed)
	expect("reopen closed", b.inTx(reopen), fault.Conflict, Closed)

	id = NewAccountID(101, Live, 999)
	expect("freeze missing", b.inTx(freeze), fault.NotFound, Missing)
}

func TestAccountsOutsideTheirValidityRefuse(t *testing.T) {
	b := newBooks(t)
	id := b.id(Live, "R-101-140101-01")
	b.exec(`UPDATE account SET valid_from = $2, valid_to = $3 WHERE id = $1`, id, saturday.Time(), saturday.Add(2).Time())
	for days, want := range map[int]State{-1: NotValid, 0: "", 1: "", 2: NotValid} {
		day := saturday.Add(days).Time()
		refused, err := refusals(b.ctx, b.db, &day, []AccountID{id})
		b.must(err)
		if refused[id] != want {
			t.Errorf("%d days after the first: %q, want %q", days, refused[id], want)
		}
	}
}

// TestSecondPersonIsTheDatabasesRule: an agency's account cannot be written without a request that somebody else approved.
func TestSecondPersonIsTheDatabasesRule(t *testing.T) {
	b := newBooks(t)
	b.exec(`INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, reason)
		VALUES ('T-OPEN', 'account.add', 1, 'x', '{}', 'maker', $1, 'pending', '')`, noon)
	for _, approval := range []string{"", "T-OPEN", "T-NONE"} {
		err := b.inTx(func(tx pgx.Tx) error {
			return Add(b.ctx, tx, Account{
				ID: NewAccountID(101, Live, 500), Code: "R-101-140101-09", Agency: 101, Book: Live, Kind: Revenue, Name: "x",
				RevenueCode: "140101", IBAN: testIBAN(500), DepositMode: DepositNone, ValidFrom: saturday,
			}, approval)
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("approval %q: got %v, want a refusal as invalid", approval, err)
		}
	}
	_, err := b.db.Exec(b.ctx, `UPDATE approval SET state = 'approved', checker = 'maker', decided_at = $1 WHERE id = 'T-OPEN'`, noon)
	if postgres.State(err) != postgres.CheckViolation {
		t.Errorf("self-approval: got %v, want a check violation", err)
	}
}

// TestBooksDoNotMix: the same codes in both books are different money.
func TestBooksDoNotMix(t *testing.T) {
	b := newBooks(t)
	b.account("R-101-140101-01", Test)
	b.day(Test, saturday.Add(1))
	b.post(b.approvalOf(1))
	trial := b.approvalOf(2)
	trial.Book, trial.BusinessDay = Test, saturday.Add(1)
	trial.Transfers = []Transfer{{Debit: House(101, Test, Clearing), Credit: b.id(Test, "R-101-140101-01"), Amount: 5}}
	b.post(trial)
	if _, err := Post(b.ctx, b.db, Journal{Agency: 101, Book: Test, ID: numbered(3), Version: 1, BusinessDay: saturday,
		Transfers: trial.Transfers}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a day of the live book served the test book: %v", err)
	}
	for book, want := range map[Book]string{Live: "10000", Test: "5"} {
		st, err := Statement(b.ctx, b.db, StatementQuery{Book: book, Account: Reference{Code: "R-101-140101-01"}})
		b.must(err)
		if len(st.Lines) != 1 || st.Closing.String() != want {
			t.Errorf("%s book: %d lines, closing %s, want 1 and %s", book, len(st.Lines), st.Closing, want)
		}
		tb, err := TrialBalance(b.ctx, b.db, book, 0, 0)
		b.must(err)
		if !tb.Balanced() || len(tb.Rows) != map[Book]int{Live: 3, Test: 2}[book] {
			t.Errorf("%s book: trial balance %+v", book, tb)
		}
		day, err := CurrentDay(b.ctx, b.db, book, 400)
		b.must(err)
		if day != map[Book]calendar.Date{Live: saturday, Test: saturday.Add(1)}[book] {
			t.Errorf("%s book: current day %s", book, day)
		}
	}
	b.holds()
}
