package terminal

import (
	"context"
	"testing"

	"treasury-switch/iso"
	switching "treasury-switch/switch"
)

// atOnce is a switch that answers every purchase alike and keeps nothing.
type atOnce struct {
	Switch
	answer switching.Answer
}

func (s *atOnce) Purchase(context.Context, *switching.Purchase) switching.Answer { return s.answer }

// BenchmarkPurchase is the channel's own work on a 0200: from the message to the
// question for the switch, and from the switch's answer to the 0210.
func BenchmarkPurchase(b *testing.B) {
	c, err := New(Config{Dialect: iso.TerminalDialect(), Switch: &atOnce{answer: approved()}, Acquirer: "581672000"})
	if err != nil {
		b.Fatal(err)
	}
	m := purchase()
	b.ReportAllocs()
	for b.Loop() {
		if out := c.Handle(b.Context(), nil, m); out.Get(iso.FieldCode) != "00" {
			b.Fatal(out)
		}
	}
}
