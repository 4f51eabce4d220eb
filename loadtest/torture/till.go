package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/threeway"
	"treasury-switch/iso"
	"treasury-switch/money"
)

// Cards of the sandbox.
const (
	goodCard = "6037990000000014"
	poorCard = "6104330000000516" // always 51
)

// wares are what the agencies sell, with today's prices of the sample tariffs.
var wares = map[int32]pos.Sale{
	101: {Service: "PASSPORT", Amount: money.Rial(1_476_112)},
	102: {Service: "COPY", Amount: money.Rial(300_000), Units: 1},
}

// tillsOf is the number of terminals of an agency.
const tillsOf = 20

// till is a terminal that speaks to any node.
type till struct {
	field    *field
	terminal *pos.Terminal
	sale     pos.Sale
	mu       sync.Mutex // of the terminal
}

// till returns terminal 1 to 20 of an agency, the same one every time, because its trace numbers must go on.
func (f *field) till(agency int32, number int) *till {
	id := fmt.Sprintf("%d000%02d", agency, 1+number%tillsOf)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known[id] == nil {
		f.known[id] = f.newTill(id, agency)
	}
	return f.known[id]
}

func (f *field) newTill(id string, agency int32) *till {
	sale := wares[agency]
	card, err := identity.ParsePAN(goodCard)
	if err != nil {
		panic(fault.New(fault.Bug, "the good card: %w", err))
	}
	sale.Card = card
	return &till{field: f, terminal: pos.New(id, agency, 0, time.Now), sale: sale}
}

// tills are several of an agency.
func (f *field) tills(agency int32, count int) []*till {
	all := make([]*till, count)
	for i := range all {
		all[i] = f.till(agency, i)
	}
	return all
}

// purchase makes a new purchase.
func (t *till) purchase() *iso.Message {
	return t.make(func(m *pos.Terminal) *iso.Message { return m.Purchase(t.sale) })
}

// with changes the card of what the terminal sells next.
func (t *till) with(card string) *till {
	if pan, err := identity.ParsePAN(card); err == nil {
		t.sale.Card = pan
	}
	return t
}

func (t *till) make(message func(*pos.Terminal) *iso.Message) *iso.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return message(t.terminal)
}

// pay sends a purchase to a node and returns what it was told.
func (t *till) pay(ctx context.Context, at *node, m *iso.Message) iso.Code {
	return t.ask(ctx, at, m, timerTerminal)
}

// repeat sends a purchase again (0201), status inquires about it, reverse takes it back (0420).
func (t *till) repeat(ctx context.Context, at *node, of *iso.Message) iso.Code {
	return t.ask(ctx, at, t.make(func(x *pos.Terminal) *iso.Message { return x.Repeat(of) }), timerTerminal)
}

func (t *till) status(ctx context.Context, at *node, of *iso.Message) iso.Code {
	return t.ask(ctx, at, t.make(func(x *pos.Terminal) *iso.Message { return x.Status(of) }), timerTerminal)
}

func (t *till) reverse(ctx context.Context, at *node, of *iso.Message) iso.Code {
	return t.ask(ctx, at, t.make(func(x *pos.Terminal) *iso.Message { return x.Reversal(of, true) }), timerTerminal)
}

// ask sends a message to a node on its own connection, waits for the answer, and logs what was told.
func (t *till) ask(ctx context.Context, at *node, m *iso.Message, wait time.Duration) iso.Code {
	line := pos.NewLineTo(at.terminals, wait)
	defer line.Close()
	sent := t.field.since()
	answer, err := line.Exchange(ctx, m)
	heard := t.field.since()
	if fault.Is(err, fault.Unavailable) {
		return "" // No answer came.
	}
	code := pos.Code(answer)
	t.field.told.Enter(m, threeway.Word{Code: code, Node: at.letter, Sent: sent, Heard: heard})
	return code
}

// later is a message whose answer is awaited in the background.
type later struct{ code chan iso.Code }

// begin sends a purchase in the background.
func (t *till) begin(ctx context.Context, at *node, m *iso.Message) *later {
	l := &later{code: make(chan iso.Code, 1)}
	t.field.running.Go(func() { l.code <- t.pay(ctx, at, m) })
	return l
}

// told waits for the answer.
func (l *later) told() iso.Code { return <-l.code }

// sales are purchases of several terminals, each with its message.
type sale struct {
	*till
	message *iso.Message
	answer  *later
}

// sell begins one purchase of each terminal at a node.
func (f *field) sell(ctx context.Context, at *node, tills ...*till) []sale {
	var sales []sale
	for _, t := range tills {
		m := t.purchase()
		sales = append(sales, sale{till: t, message: m, answer: t.begin(ctx, at, m)})
	}
	return sales
}

// told waits for all answers.
func told(sales []sale) (codes []iso.Code) {
	for _, s := range sales {
		codes = append(codes, s.answer.told())
	}
	return codes
}
