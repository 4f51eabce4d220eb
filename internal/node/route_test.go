package node

import (
	"context"
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// counting is a network that counts what it is asked.
type counting struct {
	switching.Network
	debits, reversals int
}

func (c *counting) Authorise(context.Context, switching.Debit) (payment.Answered, error) {
	c.debits++
	return payment.Answered{}, nil
}

func (c *counting) Reverse(context.Context, switching.Reversal) (payment.ReversalAnswered, error) {
	c.reversals++
	return payment.ReversalAnswered{}, nil
}

// Test payments never reach the real network.
func TestTestPaymentsTakeTheirOwnRoute(t *testing.T) {
	live, test := &counting{}, &counting{}
	ask := func(b byBook, book ledger.Book) error {
		i := &payment.Intent{Book: book}
		_, one := b.Authorise(t.Context(), switching.Debit{Intent: i})
		_, two := b.Reverse(t.Context(), switching.Reversal{Intent: i})
		if (one == nil) != (two == nil) {
			t.Errorf("debit: %v, reversal: %v", one, two)
		}
		return one
	}
	both := byBook{live: live, test: test}
	for _, book := range []ledger.Book{ledger.Live, ledger.Test} {
		if err := ask(both, book); err != nil {
			t.Error(err)
		}
	}
	if live.debits != 1 || live.reversals != 1 || test.debits != 1 || test.reversals != 1 {
		t.Errorf("live was asked %+v, test %+v", live, test)
	}
	if err := ask(byBook{live: live}, ledger.Test); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without a test network: %v", err)
	}
	if live.debits != 1 || live.reversals != 1 {
		t.Error("a test payment reached the real network")
	}
}
