package recorder

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/testdb"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// BenchmarkRecordGroup records intents, as many at once, on one lane: the group that leaves in one write.
func BenchmarkRecordGroup(b *testing.B) {
	for _, size := range []int{1, 200} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			testdb.New(b)
			rec, err := OpenRecorder(b.Context(), RecorderConfig{Address: testdb.URL(b), Node: "bench", Lanes: 1, Observe: Silent{},
				Log: slog.New(slog.DiscardHandler), Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(b.Context())
			stopped := make(chan struct{})
			go func() { rec.Run(ctx); close(stopped) }()
			defer func() { stop(); <-stopped }()
			serial := int32(0)
			for b.Loop() {
				entries := make([]*Entry, size)
				for i := range entries {
					serial++
					entries[i] = benchIntent(serial)
					if err := rec.Submit(entries[i]); err != nil {
						b.Fatal(err)
					}
				}
				for _, e := range entries {
					if o, err := e.Wait(ctx); o != Written || err != nil {
						b.Fatal(o, err)
					}
				}
			}
		})
	}
}

// benchIntent is the plan of a payment's intent.
func benchIntent(serial int32) *Entry {
	now := time.Now()
	day := calendar.DateOf(now)
	i := &payment.Intent{Key: payment.Key{Agency: 101, OpenedOn: day}, Book: ledger.Live, Channel: payment.POS, Processing: PurchaseProcessing, RRN: payment.NewRRN(day, serial),
		Amount: 1_000_000, First6: "603799", Last4: "0014", Sealed: make([]byte, 44), KeyDay: day, OpenedAt: now, SendBefore: now.Add(time.Minute),
		Deadline: now.Add(time.Minute)}
	i.Identity = payment.Identity{Acquirer: "581672000", Acceptor: "000000000000101", Terminal: "10100001", STAN: "000001", LocalDate: day, LocalTime: "120000"}
	binary.BigEndian.PutUint32(i.ID[:], uint32(serial))
	plan, err := payment.Decide(payment.Payment{}, payment.Requested{Intent: i})
	if err != nil {
		panic(err)
	}
	return NewEntry(plan, now)
}
