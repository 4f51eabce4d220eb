package payment

import (
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
)

func BenchmarkNewRRN(b *testing.B) {
	day := calendar.On(2026, time.November, 21)
	b.ReportAllocs()
	for b.Loop() {
		_ = NewRRN(day, 1_234_567)
	}
}

func BenchmarkRRNString(b *testing.B) {
	rrn := NewRRN(calendar.On(2026, time.November, 21), 1_234_567)
	b.ReportAllocs()
	for b.Loop() {
		_ = rrn.String()
	}
}

func BenchmarkNewTracking(b *testing.B) {
	day := calendar.On(2026, time.November, 21)
	b.ReportAllocs()
	for b.Loop() {
		_ = NewTracking(ledger.Live, day, 1_234_567)
	}
}
