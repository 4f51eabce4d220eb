package shetab

import (
	"context"
	"testing"
	"time"

	"treasury-switch/iso"
)

// atOnce are links that answer every request alike and keep nothing.
type atOnce struct{ answer *iso.Message }

func (a *atOnce) Exchange(context.Context, *iso.Message, time.Time) (*iso.Message, error) {
	return a.answer, nil
}

func (*atOnce) SignedOn() bool { return true }

// BenchmarkAuthorise is the work on a debit without the links: the 0200 that is
// built and held against the rules, and the 0210 that is read.
func BenchmarkAuthorise(b *testing.B) {
	links := &atOnce{}
	n, err := New(config(), links)
	if err != nil {
		b.Fatal(err)
	}
	question := debit(b)
	m, err := n.purchase(question)
	if err != nil {
		b.Fatal(err)
	}
	links.answer = answerTo(m, map[int]string{33: "581672000"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.Authorise(b.Context(), question); err != nil {
			b.Fatal(err)
		}
	}
}
