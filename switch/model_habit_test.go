package switching

import (
	"math/rand/v2"
	"slices"
	"time"

	"treasury-switch/identity"
)

// otherAcquirer and otherAcceptor are written in messages about a payment by terminals that have something else in the request.
const otherAcquirer, otherAcceptor = "581672000", "000000000000999"

// habits are how a terminal of the field departs from what everybody should do. Nothing: its messages about a payment name it as wire.md says.
type habits struct {
	made     time.Duration // from F12 of a message about the payment to its F7: it is made, and then the terminal dials
	moves    bool          // F7 of the request moves with each sending while F12 stays, and F90's time is that of the last
	keeps    bool          // the same of messages about the payment
	untimed  bool          // F90 has no time
	copies   bool          // F90's time is the message's own F7
	acquirer string        // F32 of messages about the payment; "": that of the request
	acceptor string        // F42
	card     bool          // messages about the payment name its card
	amount   bool          // inquiries name its amount; reversals do in any case
}

// Habits that are called by name.
const (
	untimed       = "has no time in F90"
	copied        = "has F7 of the message in F90"
	otherF32      = "has another F32 in messages"
	early         = "makes messages 65 s before it has dialled"
	anotherCard   = "sees another card, and names it"
	anotherAmount = "is paid another amount, and names it"
	anew          = "begins its STANs anew with the clock as it is"
)

// takeUp is each habit that a schedule may give a terminal: of the payment of a number, and what has to be so for the other with its STAN.
var takeUp = []struct {
	name string
	has  func(w *world, s *sale)
}{
	{"sends its request with a new F7 each time", func(_ *world, s *sale) { s.moves = true }},
	{"reads its clock for F7, and a second later for F12", func(_ *world, s *sale) { s.lead, s.made = -time.Second, -time.Second }},
	{"makes messages 8 s before it has dialled", func(_ *world, s *sale) { s.made = 8 * time.Second }},
	{early, func(_ *world, s *sale) { s.made = 65 * time.Second }},
	{"sends a message again with a new F7", func(_ *world, s *sale) { s.keeps = true }},
	{untimed, func(_ *world, s *sale) { s.untimed = true }},
	{copied, func(_ *world, s *sale) { s.copies = true }},
	{otherF32, func(_ *world, s *sale) { s.acquirer = otherAcquirer }},
	{"has another F42 in messages", func(_ *world, s *sale) { s.acceptor = otherAcceptor }},
	{"has taken F12 40 s before", func(_ *world, s *sale) { s.lead = 40 * time.Second }},
	{"names the card", func(_ *world, s *sale) { s.habits.card = true }},
	{"names the amount", func(_ *world, s *sale) { s.habits.amount = true }},
	{anotherCard, func(w *world, _ *sale) {
		w.sales[2].pan = w.cards[1]
		w.sales[0].habits.card, w.sales[2].habits.card = true, true
	}},
	{anotherAmount, func(w *world, _ *sale) {
		w.sales[2].units = 700
		w.sales[0].habits.amount, w.sales[2].habits.amount = true, true
	}},
	{anew, func(w *world, _ *sale) { w.sales[2].ahead, w.sales[2].lead = w.sales[0].ahead, 0 }},
}

// habit gives the terminal of a payment a habit, before it has sent anything.
func (w *world) habit(n int) {
	s := w.sales[[...]int{0, 2}[n%2]]
	if len(w.asks) > 0 {
		return
	}
	h := takeUp[n/2%len(takeUp)]
	h.has(w, s)
	w.note("the terminal of payment %d %s", slices.Index(w.sales, s), h.name)
}

// withHabits puts before a schedule what its terminals do otherwise than others, and sometimes what leads to where that matters.
func withHabits(seed uint64, steps []act) []act {
	dice := rand.New(rand.NewPCG(seed, 2))
	if dice.IntN(2) == 0 {
		return steps
	}
	var before []act
	for range 1 + dice.IntN(3) {
		before = append(before, act{"habit", 0, dice.IntN(2 * len(takeUp))})
	}
	ways := [...]func(*rand.Rand) []act{closedCase, behindAnother, behindAnother, onItsWay, onItsWay, hoursLater, hoursLater}
	if at := dice.IntN(len(ways) + 1); at < len(ways) {
		before = append(before, ways[at](dice)...)
	}
	return append(before, steps...)
}

// gives is the act that gives the terminal of a payment a habit.
func gives(number int, habit string) act {
	for at, h := range takeUp {
		if h.name == habit {
			return act{"habit", 0, 2*at + number/2}
		}
	}
	panic("no habit " + habit)
}

// approved is a payment that is made.
func approved(number int) []act {
	steps := []act{{"0200", 0, 124 + number}}
	for _, what := range []string{"write", "arrive", "answer", "write"} {
		steps = append(steps, act{what, 0, modelActs - 1})
	}
	return steps
}

// asks is a message about a payment, in any manner.
func asks(dice *rand.Rand, number int) act {
	return act{[]string{"0420", "status", "status", "0400"}[dice.IntN(4)], dice.IntN(2), 4 + number + 16*dice.IntN(8)}
}

// waits is a pause of that place, or of one of the next so many.
func waits(dice *rand.Rand, from, many int) act { return act{"wait", 0, from + dice.IntN(many)} }

// closedCase is a reversal that names nothing, and is repeated when two persons have closed the case of what it may have meant.
func closedCase(*rand.Rand) []act {
	reversed := []act{{"wait", 0, 3}, {"0420", 1, 52}, {"wait", 0, 2}, {"wait", 0, 1}, {"write", 1, 0}}
	return slices.Concat([]act{gives(0, untimed)}, approved(0), reversed, []act{{"wait", 0, 7}, {"sweep", 1, 0}, {"write", 1, 0}, {"close case", 0, 0}}, reversed)
}

// behindAnother is a request that is lost, or late, within the minute after another payer's with its STAN.
func behindAnother(dice *rand.Rand) []act {
	habits := []act{gives(2, anew)}
	if told := dice.IntN(3); told > 0 {
		habits = append(habits, gives(2, []string{anotherCard, anotherAmount}[told-1]))
	}
	return slices.Concat(habits, approved(0), []act{waits(dice, 2, 3), {"0200", 1, 2 + 4*dice.IntN(2)}, waits(dice, 2, 5), asks(dice, 2)})
}

// onItsWay is a request that is asked about, or reversed, before it comes to a node.
func onItsWay(dice *rand.Rand) []act {
	number := 2 * dice.IntN(2)
	steps := []act{{"0200", 0, number}}
	for range dice.IntN(3) {
		steps = append(steps, waits(dice, 2, 5))
	}
	return append(steps, asks(dice, number), waits(dice, 2, 5))
}

// hoursLater is a message that names a payment of hours before badly.
func hoursLater(dice *rand.Rand) []act {
	habits := []act{gives(0, []string{untimed, copied}[dice.IntN(2)]), gives(0, []string{otherF32, early}[dice.IntN(2)])}
	steps := []act{{"wait", 0, 7}}
	if dice.IntN(2) == 0 {
		steps = append(steps, approved(2)...)
	}
	return slices.Concat(habits, approved(0), steps, []act{waits(dice, 3, 4), waits(dice, 3, 4), asks(dice, 0), {"wait", 0, 2}, {"wait", 0, 1}, {"write", 0, 0}})
}

// cardsOf are those of two payers.
func cardsOf(numbers ...string) (all []identity.PAN) {
	for _, n := range numbers {
		card, err := identity.ParsePAN(n)
		if err != nil {
			panic(err)
		}
		all = append(all, card)
	}
	return all
}
