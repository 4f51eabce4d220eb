package payment

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
)

var (
	today    = calendar.On(2026, time.November, 21)
	tomorrow = today.Add(1)
	noon     = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
)

const sampleAmount = 1_000_000

// sampleIntent is a payment of two shares, 700,000 and 300,000.
func sampleIntent() *Intent {
	return &Intent{
		Key:  Key{Agency: 101, OpenedOn: today, ID: [16]byte{1}},
		Book: ledger.Live, RRN: NewRRN(today, 7), Amount: sampleAmount, OpenedAt: noon,
		SendBefore: noon.Add(3 * time.Second), Deadline: noon.Add(30 * time.Second),
		Price: Price{Service: "PASSPORT", Shares: []Share{
			{Account: ledger.NewAccountID(101, ledger.Live, 100), Amount: 700_000},
			{Account: ledger.NewAccountID(106, ledger.Live, 100), Amount: 300_000},
		}},
	}
}

// situation is a payment as a history left it.
type situation struct {
	name    string
	payment Payment
}

// after builds a situation by deciding events one after the other.
func after(t *testing.T, name string, events ...Event) situation {
	t.Helper()
	var p Payment
	for _, e := range events {
		plan, err := Decide(p, e)
		if err != nil {
			t.Fatalf("%s: %T: %v", name, e, err)
		}
		p = plan.Payment
	}
	return situation{name, p}
}

var (
	sampleContent = Content{Amount: sampleAmount}

	requested   = Requested{Intent: sampleIntent()}
	approval    = Answered{Word: SaidApproved, Code: OK, Approval: "123456", Amount: sampleAmount, Currency: true, Day: today}
	decline     = Answered{Word: SaidDeclined, Code: "51", Amount: sampleAmount, Currency: true, Day: today}
	unclear     = Answered{Word: SaidUnknown, Code: "96", Amount: sampleAmount, Currency: true, Day: today}
	partial     = Answered{Word: SaidPartial, Code: "10", Amount: 400_000, Currency: true, Day: today}
	silent      = Silence{Reason: NoAnswer}
	asked       = ReversalAsked{Says: sampleContent, Today: today, Tombstone: sampleIntent()}
	statusAsked = StatusAsked{Today: today, Tombstone: sampleIntent()}
	accepted    = ReversalAnswered{Word: ReversalDone, Code: OK, Day: today, Limit: 3}
	absent      = ReversalAnswered{Word: ReversalNotFound, Code: NoOriginal, Day: today, Limit: 3}
	rejection   = ReversalAnswered{Word: ReversalRefused, Code: FormatError, Day: today, Limit: 3}
	lastStraw   = ReversalAnswered{Word: ReversalRefused, Code: FormatError, Day: today, Rejects: 2, Limit: 3}
)

func situations(t *testing.T) []situation {
	return []situation{
		{"none", Payment{}},
		after(t, "pending", requested),
		after(t, "approved", requested, approval),
		after(t, "approved, perhaps reversed", requested, approval, PerhapsReversed{}),
		after(t, "approved, misnamed", requested, approval, Misaddressed{}),
		after(t, "approved, reversed by the network", requested, approval, NetworkReversed{Today: tomorrow}),
		after(t, "declined", requested, decline),
		after(t, "not sent", requested, Undelivered{}),
		after(t, "refused", Requested{Intent: sampleIntent(), Refusal: InvalidAmount}),
		after(t, "tombstone", asked),
		after(t, "tombstone of an inquiry", statusAsked),
		after(t, "reversing, in doubt", requested, silent),
		after(t, "reversing, by the network", requested, NetworkReversed{Today: tomorrow}),
		after(t, "reversing, approved late", requested, silent, approval),
		after(t, "reversing, was approved", requested, approval, asked),
		after(t, "reversing, cancelled in flight", requested, asked),
		after(t, "reversing, not found once", requested, silent, absent),
		after(t, "reversed, was approved", requested, approval, asked, accepted),
		after(t, "reversed, was in doubt", requested, silent, accepted),
		after(t, "reversed, nothing there", requested, silent, absent, absent),
		after(t, "case, money in suspense", requested, approval, asked, absent),
		after(t, "case, debit never posted", requested, silent, approval, absent),
		after(t, "case, rejected in doubt", requested, silent, lastStraw),
	}
}

type namedEvent struct {
	name  string
	event Event
}

func events() []namedEvent {
	other := approval
	other.Amount = 999
	undated, strange := approval, approval
	undated.Day = 0
	strange.Day, strange.Strange = today.Add(180), true
	late, latePartial := approval, partial
	late.At, latePartial.At = sampleIntent().Deadline, sampleIntent().Deadline
	return []namedEvent{
		{"request", requested},
		{"request refused 13", Requested{Intent: sampleIntent(), Refusal: InvalidAmount}},
		{"approval", approval},
		{"approval, other amount", other},
		{"approval, no day", undated},
		{"approval, day not believed", strange},
		{"approval after the deadline", late},
		{"partial approval after the deadline", latePartial},
		{"partial approval", partial},
		{"decline 51", decline},
		{"unclear 96", unclear},
		{"silence", silent},
		{"answer that is not its own", Misaddressed{}},
		{"reversal by the network", NetworkReversed{Today: tomorrow}},
		{"undelivered", Undelivered{}},
		{"ledger refused", LedgerRefused{Reason: PostingFailed, Approval: approval}},
		{"ledger refused a decline", LedgerRefused{Reason: PostingFailed, Approval: decline}},
		{"ledger refused a partial approval", LedgerRefused{Reason: PostingFailed, Approval: partial}},
		{"status asked", statusAsked},
		{"reversal asked", asked},
		{"reversal of another amount", ReversalAsked{Says: Content{Amount: sampleAmount - 1}, Today: today, Tombstone: sampleIntent()}},
		{"reversal of another card", ReversalAsked{Says: Content{Amount: sampleAmount, Card: &[16]byte{9}}, Today: today, Tombstone: sampleIntent()}},
		{"reversal asked, day settled", ReversalAsked{Says: sampleContent, Settled: true, Today: tomorrow, Tombstone: sampleIntent()}},
		{"reversal advised, day settled", ReversalAsked{Says: sampleContent, Advice: true, Settled: true, Today: tomorrow, Tombstone: sampleIntent()}},
		{"reversal accepted", accepted},
		{"reversal: no original", absent},
		{"reversal: unclear", ReversalAnswered{Word: ReversalUnclear, Code: Inoperative, Limit: 3}},
		{"reversal: rejected", rejection},
		{"reversal: rejected for the last time", lastStraw},
		{"operators: reversed", OperatorsDecided{Outcome: Reversed, Maker: "maker", Checker: "checker", Today: tomorrow}},
		{"operators: approved", OperatorsDecided{Outcome: Approved, Maker: "maker", Checker: "checker", Today: tomorrow}},
		{"operators: one person", OperatorsDecided{Outcome: Reversed, Maker: "maker", Checker: "maker", Today: tomorrow}},
		{"a reversal that may mean it", PerhapsReversed{}},
		{"the same, a case is open", PerhapsReversed{Open: true}},
	}
}

// TestDecideEveryPair holds the whole table of decisions against the sheet in
// testdata, one line for each pair of situation and event. A change of a rule is
// a change of a line there, to be read by a person.
func TestDecideEveryPair(t *testing.T) {
	var b strings.Builder
	for _, s := range situations(t) {
		fmt.Fprintf(&b, "# %s\n", s.name)
		for _, e := range events() {
			fmt.Fprintf(&b, "%-38s %s\n", e.name, describe(s.payment, e.event))
		}
		b.WriteString("\n")
	}
	const sheet = "testdata/decisions.txt"
	want, err := os.ReadFile(sheet)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		_ = os.WriteFile(sheet+".got", []byte(got), 0o600)
		t.Errorf("the decisions differ from %s: compare with %s.got\n%s", sheet, sheet, firstDifference(got, string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, g[i], w[min(i, len(w)-1)])
		}
	}
	return "the sheet has more lines"
}

// describe writes a plan in one line: status, reason, what moves, what is queued.
func describe(p Payment, e Event) string {
	plan, err := Decide(p, e)
	if err != nil {
		return fmt.Sprintf("%s: %v", fault.KindOf(err), err)
	}
	if plan.Nothing() {
		return "nothing" + word(" reply ", string(plan.Reply))
	}
	out := "-> " + string(plan.Payment.Status)
	if r := plan.Record; r != nil {
		out += word(" ", string(r.Reason)) + word(" told ", string(r.Told)) + word(" held ", positive(int64(r.Held)))
	}
	if j := plan.Journal; j != nil {
		out += fmt.Sprintf(" | %s, v%d", moves(j), j.Version) + word(" reverses v", positive(int64(j.Reverses)))
	}
	out += word(" | ", tasks[plan.Task]) + word(" ", positive(int64(plan.Amount))) + word(" | case ", string(plan.Case)) + word(" | alarm ", string(plan.Alarm))
	return out + word(" | reply ", string(plan.Reply))
}

var tasks = map[Task]string{
	QueueNow: "queue", QueueLater: "queue after the window", Hurry: "hurry", WaitWindow: "again after the window",
	BackOff: "again later", BackOffHard: "again later, counted", Dequeue: "dequeue",
}

func word(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

func positive(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func moves(j *ledger.Journal) string {
	name := func(a ledger.AccountID) string {
		switch a {
		case ledger.House(101, ledger.Live, ledger.Clearing):
			return "clearing"
		case ledger.House(101, ledger.Live, ledger.Suspense):
			return "suspense"
		}
		return "shares"
	}
	sum := int64(0)
	for _, t := range j.Transfers {
		sum += int64(t.Amount)
	}
	t := j.Transfers[0]
	return fmt.Sprintf("%s > %s %d on %s", name(t.Debit), name(t.Credit), sum, j.BusinessDay)
}
