package calendar

import (
	"testing"
	"time"
)

func BenchmarkDateOf(b *testing.B) {
	at := time.Date(2026, 11, 21, 8, 45, 7, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		_ = DateOf(at)
	}
}

func BenchmarkJalali(b *testing.B) {
	day := On(2026, time.November, 21)
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = day.Jalali()
	}
}

func BenchmarkString(b *testing.B) {
	day := On(2026, time.November, 21)
	b.ReportAllocs()
	for b.Loop() {
		_ = day.String()
	}
}

func BenchmarkNearest(b *testing.B) {
	day := On(2026, time.November, 21)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Nearest("1121", day); err != nil {
			b.Fatal(err)
		}
	}
}
