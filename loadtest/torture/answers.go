package main

import (
	"context"
	"sync"
	"time"

	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// An answer whose key differs from its request's is not believed, even if its F37 matches.
func answers() []scenario {
	return []scenario{
		{name: "foreign-decline-alone", play: foreignDecline,
			what: "In place of an approval comes a decline of another terminal's message with our F37: the debit is reversed."},
		{name: "foreign-approval-before-a-decline", play: foreignApproval,
			what: "Before a decline comes an approval of another message with our F37: declined, and nothing is posted."},
		{name: "foreign-decline-before-an-approval", play: foreignDeclineFirst,
			what: "Before an approval comes a decline of another message with our F37: approved."},
		{name: "nearly-our-approval", play: nearlyOurs,
			what: "Approvals come whose F11 is one higher, or whose F7 is another: they are not believed."},
	}
}

// foreign is an answer to another message that carries our F37.
func foreign(answer *iso.Message, code iso.Code) *iso.Message {
	m := answer.Clone()
	m.Set(iso.FieldTerminal, "10200099")
	m.Set(iso.FieldSTAN, "000777")
	m.Set(iso.FieldCode, string(code))
	if code == iso.RC00Approved {
		m.Set(iso.FieldApproval, "999999")
	} else {
		m.Unset(38)
		m.Set(iso.FieldAmount, "000000000001")
		m.Set(iso.FieldPAN, poorCard)
	}
	return m
}

// rightAfter is how much later than the foreign answer the right one comes.
const rightAfter = 500 * time.Millisecond

// lying has the network send a false answer before the right one, or in its place.
func (f *field) lying(ctx context.Context, before func(answer *iso.Message) *iso.Message, right bool) {
	f.network.tell(simulator.Purchases, func(answer *iso.Message, send func(*iso.Message)) bool {
		send(before(answer))
		if right {
			f.running.Go(func() {
				if f.pass(ctx, rightAfter) == nil {
					send(answer)
				}
			})
		}
		return true
	})
}

func foreignDecline(ctx context.Context, f *field) error {
	f.lying(ctx, func(a *iso.Message) *iso.Message { return foreign(a, iso.RC51InsufficientFunds) }, false)
	t := f.till(101, 0)
	code := t.pay(ctx, f.A(), t.purchase())
	if code == iso.RC51InsufficientFunds || code == iso.RC00Approved {
		return wrong("told %s on the word of an answer to somebody else", code)
	}
	return nil
}

func foreignApproval(ctx context.Context, f *field) error {
	f.lying(ctx, func(a *iso.Message) *iso.Message { return foreign(a, iso.RC00Approved) }, true)
	t := f.till(101, 0).with(poorCard)
	if code := t.pay(ctx, f.A(), t.purchase()); code != iso.RC51InsufficientFunds {
		return wrong("the card was declined with 51, and the terminal is told %q", code)
	}
	return nil
}

func foreignDeclineFirst(ctx context.Context, f *field) error {
	f.lying(ctx, func(a *iso.Message) *iso.Message { return foreign(a, iso.RC51InsufficientFunds) }, true)
	t := f.till(101, 0)
	if code := t.pay(ctx, f.A(), t.purchase()); code != iso.RC00Approved {
		return wrong("the card was debited in time, and the terminal is told %q", code)
	}
	return nil
}

func nearlyOurs(ctx context.Context, f *field) error {
	var once sync.Mutex
	number := 0
	f.lying(ctx, func(a *iso.Message) *iso.Message {
		once.Lock()
		defer once.Unlock()
		m := a.Clone()
		m.Set(iso.FieldCode, string(iso.RC00Approved))
		m.Set(iso.FieldApproval, "999999")
		if number++; number%2 == 0 {
			m.Set(iso.FieldTransmission, "0101000000")
		} else {
			m.Set(iso.FieldSTAN, next(a.Get(iso.FieldSTAN)))
		}
		return m
	}, false)
	for _, code := range told(f.sell(ctx, f.A(), f.till(101, 0).with(poorCard), f.till(101, 1).with(poorCard))) {
		if code == iso.RC00Approved {
			return wrong("told 00 on the word of an answer to another message, and no card was debited")
		}
	}
	return nil
}

// next is a trace number one higher.
func next(stan string) string {
	digits := []byte(stan)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			break
		}
		digits[i] = '0'
	}
	return string(digits)
}
