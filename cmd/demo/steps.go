package main

import (
	"context"
	"fmt"

	"treasury-switch/internal/pos"
	"treasury-switch/iso"
)

// questions are inquiries: they cost nothing and record nothing.
func (t *tour) questions(ctx context.Context) []step {
	return []step{
		{what: "echo", want: iso.RC00Approved, ask: t.tell(ctx, t.police.Echo)},
		{what: "what does a passport cost?", want: iso.RC00Approved, check: costs(passportPrice),
			ask: t.tell(ctx, func() *iso.Message { return t.police.Tariff(passport, 0) })},
		{what: "what do 3 certified copies cost?", want: iso.RC00Approved, check: costs(3 * sheetPrice),
			ask: t.tell(ctx, func() *iso.Message { return t.court.Tariff(copies, 3) })},
	}
}

// cards are those of the sandbox that answer at once.
func (t *tour) cards(ctx context.Context) []step {
	steps := []step{
		{what: "passport, good card", want: iso.RC00Approved, keep: "passport",
			ask: t.tell(ctx, buys(t.police, "6037990000000014", passportPrice, passport, 0))},
		{what: "3 copies, good card", want: iso.RC00Approved, keep: "copies",
			ask: t.tell(ctx, buys(t.court, "6037990000000022", 3*sheetPrice, copies, 3))},
	}
	for _, c := range []struct {
		what, card string
		want       iso.Code
	}{
		{"card without funds", "6104330000000516", iso.RC51InsufficientFunds},
		{"card with a wrong PIN", "5892100000000552", iso.RC55WrongPIN},
		{"expired card", "6273530000000540", iso.RC54ExpiredCard},
		{"card over its limit", "5022290000000612", iso.RC61OverAmountLimit},
		{"card whose bank is down", "6037690000000911", iso.RC91Inoperative},
		{"card that is answered twice", "6037990000000949", iso.RC00Approved},
	} {
		steps = append(steps, step{what: c.what, want: c.want,
			ask: t.tell(ctx, buys(t.police, c.card, passportPrice, passport, 0))})
	}
	return steps
}

// beginSilent sends the purchases with cards that are not answered in time, all at once, each from a terminal of its own, so
// that the tour does not wait for each of them. The steps wait for what was begun.
func (t *tour) beginSilent(ctx context.Context) []step {
	var steps []step
	for i, c := range []struct{ what, card string }{
		{"card debited, and never answered", "6219860000000688"},
		{"card neither debited nor answered", "6274120000000960"},
		{"card debited, and answered too late", "6221060000000699"},
	} {
		till := pos.New(fmt.Sprintf("101000%02d", 2+i), 101, int(t.seed%900_000), t.police.Now)
		message := buys(till, c.card, passportPrice, passport, 0)()
		answered := make(chan deal, 1)
		go func() {
			line := pos.NewLine(t.options.Terminals, terminalTimer)
			defer line.Close()
			answered <- t.send(ctx, line, message)
		}()
		steps = append(steps, step{what: c.what, want: iso.RC68AnsweredTooLate, ask: func() deal { return <-answered }})
	}
	return steps
}

// repeats send what was sent before.
func (t *tour) repeats(ctx context.Context) []step {
	return []step{
		{what: "the passport again (0201): same answer, one debit", want: iso.RC00Approved, check: t.sameAs("passport"),
			ask: t.tell(ctx, func() *iso.Message { return t.police.Repeat(t.kept["passport"].request) })},
		{what: "the same request with another amount", want: iso.RC94Duplicate, ask: t.tell(ctx, func() *iso.Message {
			m := t.police.Repeat(t.kept["passport"].request)
			m.Set(iso.FieldAmount, fmt.Sprintf("%012d", int64(passportPrice)+1))
			return m
		})},
		{what: "what became of the passport?", want: iso.RC00Approved, check: func(d deal) string {
			if wrong := costs(passportPrice)(d); wrong != "" {
				return wrong
			}
			if d.answer.Get(iso.FieldRRN) != t.kept["passport"].answer.Get(iso.FieldRRN) {
				return "NO: another payment"
			}
			return ""
		}, ask: t.tell(ctx, func() *iso.Message { return t.police.Status(t.kept["passport"].request) })},
	}
}

// reversals take back what was paid, and what was not paid yet.
func (t *tour) reversals(ctx context.Context) []step {
	early := buys(t.police, "6037990000000022", passportPrice, passport, 0)()
	return []step{
		{what: "the copies are reversed", want: iso.RC00Approved,
			ask: t.tell(ctx, func() *iso.Message { return t.court.Reversal(t.kept["copies"].request, false) })},
		{what: "the reversed copies once more (0201)", want: iso.RC12InvalidTransaction,
			ask: t.tell(ctx, func() *iso.Message { return t.court.Repeat(t.kept["copies"].request) })},
		{what: "a reversal before its purchase", want: iso.RC00Approved,
			ask: t.tell(ctx, func() *iso.Message { return t.police.Reversal(early, true) })},
		{what: "the purchase that it was about", want: iso.RC12InvalidTransaction,
			ask: t.tell(ctx, func() *iso.Message { return early })},
	}
}

// refusals never reach the network, but for the card of an unknown bank.
func (t *tour) refusals(ctx context.Context) []step {
	stranger := pos.New("10199999", 101, 0, t.police.Now)
	badLuhn := func() *iso.Message {
		m := buys(t.police, "6037990000000014", passportPrice, passport, 0)()
		m.Set(iso.FieldPAN, "6037990000000015")
		return m
	}
	foreign := func() *iso.Message {
		m := buys(t.police, "6037990000000014", passportPrice, passport, 0)()
		m.Set(iso.FieldAcceptor, t.court.Acceptor)
		return m
	}
	return []step{
		{what: "a wrong amount", want: iso.RC13InvalidAmount,
			ask: t.tell(ctx, buys(t.police, "6037990000000014", passportPrice-1, passport, 0))},
		{what: "a terminal that nobody knows", want: iso.RC58NotPermittedTerminal,
			ask: t.tell(ctx, buys(stranger, "6037990000000014", passportPrice, passport, 0))},
		{what: "a service that nobody sells", want: iso.RC12InvalidTransaction,
			ask: t.tell(ctx, buys(t.police, "6037990000000014", passportPrice, "MOONTRIP", 0))},
		{what: "a card number with a wrong check digit", want: iso.RC14InvalidCard, ask: t.tell(ctx, badLuhn)},
		{what: "a card of an unknown bank", want: iso.RC15NoSuchIssuer,
			ask: t.tell(ctx, buys(t.police, "4000000000000002", passportPrice, passport, 0))},
		{what: "another agency's acceptor id", want: iso.RC03InvalidAcceptor, ask: t.tell(ctx, foreign)},
	}
}
