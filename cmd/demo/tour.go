package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/threeway"
	"treasury-switch/iso"
	"treasury-switch/money"
)

// Services of the sample data, with today's prices by the sample tariffs.
const (
	passport      = "PASSPORT"
	copies        = "COPY"
	passportPrice = money.Rial(1_476_112)
	sheetPrice    = money.Rial(300_000)
)

// tour is one walk through all that a terminal can meet.
type tour struct {
	*scene
	since  time.Time // payments opened before are not of this run
	seed   uint64
	police *pos.Terminal // of agency 101, which sells passports
	court  *pos.Terminal // of agency 102, which sells copies
	line   *pos.Line

	kept   map[string]deal // exchanges that later steps come back to
	told   threeway.Book
	table  grid
	failed int
	number int
}

// deal is an exchange: a message and its answer.
type deal struct {
	request, answer *iso.Message
	took            time.Duration
	err             error
}

func newTour(ctx context.Context, s *scene) (*tour, error) {
	t := &tour{scene: s, since: time.Now(), seed: s.options.Seed, kept: map[string]deal{}, line: pos.NewLine(s.options.Terminals, terminalTimer)}
	if t.seed == 0 {
		t.seed = rand.Uint64()
	}
	// Trace numbers begin at another value in every run, as those of terminals already in use do.
	random := rand.New(rand.NewPCG(t.seed, 0))
	t.police = pos.New("10100001", 101, random.IntN(900_000), time.Now)
	t.court = pos.New("10200001", 102, random.IntN(900_000), time.Now)
	t.table = grid{title: "The tour: what terminals sent, and what they were told",
		headings: []any{"", "step", "sent", "rial", "card", "told (F39)", "after", "as it must be"}, numbers: []int{1, 4, 7}}
	return t, ctx.Err()
}

// step is one message of the tour and its expected result.
type step struct {
	what string
	want iso.Code
	ask  func() deal
	// keep names the exchange for later steps.
	keep string
	// check reports what else is wrong with the answer; it may be nil.
	check func(deal) string
}

// walk takes all steps and prints the table.
func (t *tour) walk(ctx context.Context) error {
	defer t.line.Close()
	silent := t.beginSilent(ctx)
	for _, part := range [][]step{
		t.questions(ctx), t.cards(ctx), silent, t.repeats(ctx), t.reversals(ctx), t.refusals(ctx),
	} {
		for _, s := range part {
			t.take(s)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	}
	t.table.print()
	return nil
}

// take takes one step and enters it in the table.
func (t *tour) take(s step) {
	d := s.ask()
	code := pos.Code(d.answer)
	wrong := ""
	switch {
	case d.err != nil:
		wrong = d.err.Error()
	case code != s.want:
		wrong = "NO: want " + string(s.want)
	case s.check != nil:
		wrong = s.check(d)
	}
	if s.keep != "" {
		t.kept[s.keep] = d
	}
	heard := time.Since(t.since)
	t.told.Enter(d.request, threeway.Word{Code: code, Sent: heard - d.took, Heard: heard})
	as := "yes"
	if wrong != "" {
		as = wrong
		t.failed++
	}
	t.number++
	amount, card := "", ""
	if n := cmp.Or(pos.Amount(d.request), pos.Amount(d.answer)); n > 0 {
		amount = n.Grouped()
	}
	if pan, err := identity.ParsePAN(d.request.Get(iso.FieldPAN)); err == nil {
		card = pan.String()
	} else if d.request.Has(iso.FieldPAN) {
		card = "(no card number)"
	}
	t.table.add(t.number, s.what, d.request.MTI.String(), amount, card, told(code), d.took.Round(time.Millisecond), as)
}

// told shows a response code with its text.
func told(code iso.Code) string {
	if code == "" {
		return "no answer"
	}
	return string(code) + " " + code.English()
}

// send exchanges one message on a line.
func (t *tour) send(ctx context.Context, line *pos.Line, m *iso.Message) deal {
	began := time.Now()
	answer, err := line.Exchange(ctx, m)
	return deal{request: m, answer: answer, took: time.Since(began), err: err}
}

// tell makes the asking of a step that sends one message on the tour's line.
func (t *tour) tell(ctx context.Context, make func() *iso.Message) func() deal {
	return func() deal { return t.send(ctx, t.line, make()) }
}

// buys makes a purchase of a terminal.
func buys(at *pos.Terminal, card string, amount money.Rial, service string, units int64) func() *iso.Message {
	return func() *iso.Message {
		return at.Purchase(pos.Sale{Card: pan(card), Amount: amount, Service: service, Units: units})
	}
}

// pan is a card of the sandbox.
func pan(digits string) identity.PAN {
	p, err := identity.ParsePAN(digits)
	if err != nil {
		panic(fault.New(fault.Bug, "a card of the tour is none: %w", err))
	}
	return p
}

// sameAs reports whether an answer repeats the one of a kept exchange: the same payment and the same approval.
func (t *tour) sameAs(kept string) func(deal) string {
	return func(d deal) string {
		first := t.kept[kept].answer
		for _, f := range []int{37, 38} {
			if d.answer.Get(f) != first.Get(f) {
				return fmt.Sprintf("NO: another F%d than the first time", f)
			}
		}
		return ""
	}
}

// costs reports whether an answer names a price.
func costs(price money.Rial) func(deal) string {
	return func(d deal) string {
		if told := pos.Amount(d.answer); told != price {
			return "NO: want " + price.Grouped() + " rial, told " + told.Grouped()
		}
		return ""
	}
}
