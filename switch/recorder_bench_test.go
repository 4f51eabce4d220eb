package switching

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/migrations"
)

// BenchmarkRecorder records whole payments (intent group, outcome group with
// event, two transfers and balances) of 200 agencies on a private server with
// fsync on. Callers wait for each record, as terminals do.
func BenchmarkRecorder(b *testing.B) {
	address := durableServer(b)
	for _, lanes := range []int{1, 2, 4} {
		for _, callers := range []int{1, 256, 2000} {
			b.Run(fmt.Sprintf("lanes=%d/callers=%d", lanes, callers), func(b *testing.B) { record(b, address, lanes, callers) })
		}
	}
}

func record(b *testing.B, address string, lanes, callers int) {
	rec, err := OpenRecorder(b.Context(), RecorderConfig{
		Address: address, Node: fmt.Sprintf("bench-%d", lanes), Lanes: lanes, Observe: Silent{}, Log: slog.Default(), Now: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { rec.Run(ctx) })
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				recordOne(b, rec, n)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	stop()
	running.Wait()
}

func recordOne(b *testing.B, rec *Recorder, n int64) {
	now := time.Now()
	i := benchIntent(n, now)
	plan, _ := Decide(Payment{}, Requested{Intent: i})
	if o, err := rec.Record(b.Context(), &Entry{Plan: plan, At: now}); err != nil || o != Written {
		b.Errorf("intent: %d, %v", o, err)
	}
	plan, _ = Decide(plan.Payment, Answered{Word: SaidApproved, Code: OK, Approval: "123456", Amount: i.Amount, Currency: true,
		Day: i.OpenedOn})
	if o, err := rec.Record(b.Context(), &Entry{Plan: plan, At: now}); err != nil || o != Written {
		b.Errorf("outcome: %d, %v", o, err)
	}
}

func benchIntent(n int64, now time.Time) Intent {
	agency := int32(1000 + n%200)
	day := calendar.DateOf(now)
	i := Intent{
		Key: Key{Agency: agency, OpenedOn: day}, Book: ledger.Live, Channel: POS, RRN: NewRRN(day, int32(n%serialsPerDay)+1),
		Identity: Identity{Acquirer: "581672061", Acceptor: fmt.Sprintf("%015d", agency), Terminal: "10100001", STAN: "000001", LocalTime: "120000"},
		Amount:   1_000_000, OpenedAt: now, SendBefore: now.Add(3 * time.Second), Deadline: now.Add(30 * time.Second),
		Processing: PurchaseProcessing, First6: "603799", Last4: "0014", Sealed: make([]byte, 39), KeyDay: day,
		Price: Price{Service: "FORM", Versions: []int64{1}, Lines: []Line{{Component: "form", Amount: 1_000_000}}, Shares: []Share{
			{Account: ledger.NewAccountID(agency, ledger.Live, 100), Amount: 700_000},
			{Account: ledger.NewAccountID(1000, ledger.Live, 101), Amount: 300_000},
		}},
	}
	binary.BigEndian.PutUint64(i.ID[:], uint64(now.UnixNano())*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(i.ID[8:], uint64(n))
	return i
}

// durableServer starts a private server with fsync on, migrated, with 200
// agencies.
func durableServer(b *testing.B) string {
	b.Helper()
	server, err := postgres.Start(b.Context(), postgres.ServerOptions{Folder: b.TempDir(), Log: slog.Default()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close(context.Background()) })
	address := server.URL("postgres")
	if _, err := migrations.Up(b.Context(), address); err != nil {
		b.Fatal(err)
	}
	pool, err := postgres.Open(b.Context(), address, postgres.Options{Owner: true})
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	for _, sql := range []string{
		`INSERT INTO agency (code, name, name_en, state, partner, feed) SELECT n, 'x', 'x', 'open', true, false FROM generate_series(1000, 1199) n`,
		`INSERT INTO approval (id, act, book, subject, content, maker, made_at, state, checker, decided_at, reason)
			VALUES ('A-1', 'account.add', 1, 'x', '{}', 'maker', now(), 'approved', 'checker', now(), '')`,
		`INSERT INTO account (agency, id, book, code, kind, state, name, province, deposit_mode, valid_from)
			SELECT n, n * 10000000::bigint + 1000001, 1, 'clearing@' || n, 'clearing', 'open', 'x', '', 'NONE', '2020-01-01'
			  FROM generate_series(1000, 1199) n`,
		`INSERT INTO account (agency, id, book, code, kind, state, name, iban, province, deposit_mode, valid_from, approval)
			SELECT n, n * 10000000::bigint + 1000100, 1, 'P-' || n || '-01', 'partner', 'open', 'x',
			       'IR' || lpad((98 - ((lpad(n::text, 22, '0') || '182700')::numeric % 97))::text, 2, '0') || lpad(n::text, 22, '0'),
			       '', 'NONE', '2020-01-01', 'A-1' FROM generate_series(1000, 1199) n`,
		`INSERT INTO account (agency, id, book, code, kind, state, name, iban, province, deposit_mode, valid_from, approval)
			VALUES (1000, 10001000101, 1, 'P-1000-02', 'partner', 'open', 'x', 'IR630100004001010203000123', '', 'NONE', '2020-01-01', 'A-1')`,
		`SELECT ensure_month_partitions('transfer', current_date, 2)`,
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	return address
}
