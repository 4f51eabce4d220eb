package switching

import (
	"testing"
)

// What looks into the history, over a day of 1.5 million payments and 300,000 cases. Writing it takes a minute or two.
func BenchmarkHistory(b *testing.B) {
	runtime, _ := longPast.lived(b)
	b.Run("count cases", func(b *testing.B) {
		for b.Loop() {
			if open, _, err := NewStore(runtime).openCases(b.Context()); err != nil || open != longPast.open {
				b.Fatalf("%d open, %v", open, err)
			}
		}
	})
}
