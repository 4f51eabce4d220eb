package pos

import (
	"context"
	"time"

	"treasury-switch/internal/await"
	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// Patience is how long a terminal tries.
type Patience struct {
	// Repeats is how often a purchase is sent again where no final answer came.
	Repeats int
	// Reversals is how often the reversal of a purchase without answer is sent.
	Reversals int
	// Pause is waited before every further attempt.
	Pause time.Duration
}

// Carried is what a terminal did for a purchase, and what it was told.
type Carried struct {
	Request *iso.Message
	// Answer is the final answer, nil where none came.
	Answer *iso.Message
	// Attempts are all messages about the purchase that may have reached the switch, in their order.
	Attempts []Attempt
	// Sent counts the purchase messages that may have reached the switch, Missed those without an answer.
	Sent, Missed int
	// Reversing is true if a reversal was sent, Reversed if it was accepted.
	Reversing, Reversed bool
}

// Attempt is a message that may have reached the switch, and the code of its answer, "" where none came.
type Attempt struct {
	MTI  iso.MTI
	Code iso.Code
}

// Code is the code of the final answer, or empty.
func (c *Carried) Code() iso.Code { return Code(c.Answer) }

// final reports whether the terminal stops trying after an answer: after all but 'still in flight'.
func final(code iso.Code) bool { return code != iso.RC09InProgress }

// Carry carries a purchase through. It sends the 0200, then 0201 while there is no final answer, and at last the
// reversal 0420 and its repeats until it is accepted: a payment that a customer left without a receipt for must be
// undone. It returns early where ctx ends.
func (t *Terminal) Carry(ctx context.Context, line *Line, purchase *iso.Message, p Patience) Carried {
	c := Carried{Request: purchase}
	next := purchase
	for try := 0; try <= p.Repeats && (try == 0 || await.Pause(ctx.Done(), p.Pause)); try++ {
		if t.try(ctx, line, next, &c) {
			return c
		}
		if c.Sent > 0 {
			next = t.Repeat(purchase)
		}
	}
	if c.Sent > 0 {
		t.Undo(ctx, line, &c, p)
	}
	return c
}

// try sends a purchase once and reports whether the answer is final.
func (t *Terminal) try(ctx context.Context, line *Line, m *iso.Message, c *Carried) bool {
	answer, err := c.exchange(ctx, line, m)
	switch {
	case fault.Is(err, fault.Unavailable):
		return false
	case err != nil:
		c.Sent++
		c.Missed++
		return false
	}
	c.Sent++
	if !final(Code(answer)) {
		return false
	}
	c.Answer = answer
	return true
}

// exchange sends a message about the purchase and keeps what came of it.
func (c *Carried) exchange(ctx context.Context, line *Line, m *iso.Message) (*iso.Message, error) {
	answer, err := line.Exchange(ctx, m)
	if !fault.Is(err, fault.Unavailable) {
		c.Attempts = append(c.Attempts, Attempt{MTI: m.MTI, Code: Code(answer)})
	}
	return answer, err
}

// Undo sends the reversal of a purchase until it is accepted or patience ends. A refusal that will not change, such as a
// day already settled, ends it too.
func (t *Terminal) Undo(ctx context.Context, line *Line, c *Carried, p Patience) {
	c.Reversing = true
	reversal := t.Reversal(c.Request, true)
	next := reversal
	for try := 0; try < p.Reversals && (try == 0 || await.Pause(ctx.Done(), p.Pause)); try++ {
		answer, err := c.exchange(ctx, line, next)
		if err == nil && Code(answer) == iso.RC00Approved {
			c.Reversed = true
			return
		}
		if !fault.Is(err, fault.Unavailable) {
			next = t.Repeat(reversal)
		}
	}
}
