package recorder

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"treasury-switch/internal/testdb"
)

// BenchmarkRecordGroup records intents, as many at once, on one lane: the group that leaves in one write.
func BenchmarkRecordGroup(b *testing.B) {
	for _, size := range []int{1, 200} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			testdb.New(b)
			rec, err := Open(b.Context(), Config{Address: testdb.URL(b), Node: "bench", Lanes: 1, Observe: &watching{},
				Log: slog.New(slog.DiscardHandler), Now: time.Now})
			if err != nil {
				b.Fatal(err)
			}
			_, stop, stopped := run(rec)
			defer func() { stop(); <-stopped }()
			serial := int32(0)
			for b.Loop() {
				entries := make([]*Entry, size)
				for i := range entries {
					serial++
					entries[i] = patient(serial)
					if err := rec.Submit(entries[i]); err != nil {
						b.Fatal(err)
					}
				}
				for _, e := range entries {
					if o, err := e.Wait(b.Context()); o != Written || err != nil {
						b.Fatal(o, err)
					}
				}
			}
		})
	}
}
