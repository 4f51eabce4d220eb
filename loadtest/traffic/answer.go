package traffic

import (
	"fmt"
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/wire"
)

// Codes that come from the switch, not from a card.
var (
	inProgress  = [2]byte{'0', '9'}
	inoperative = [2]byte{'9', '1'}
)

// answer takes an answer that a connection has read.
func (r *Run) answer(l *line, payload []byte) {
	now := time.Since(r.began)
	var a wire.Answer
	if a.Scan(payload) != nil {
		r.seen.Fail(measure.Purchase, measure.Unreadable, now)
		return
	}
	k := key(a.Terminal, a.STAN)
	l.mu.Lock()
	x, waits := l.pending[k]
	if !waits || !x.fits(a.Type) {
		l.mu.Unlock()
		r.strangers.Add(1)
		return
	}
	delete(l.pending, k)
	v := r.judge(l, &x, &a)
	l.mu.Unlock()
	r.inFlight.Add(-1)
	r.count(v, &x, &a, now)
}

// verdict is what an answer counts as.
type verdict uint8

const (
	well    verdict = iota
	shed            // 91 of the switch, which had too much to do
	wrong           // another code than expected
	changed         // a repeat was answered otherwise
	pending         // not final
)

// judge classifies an answer, notes what the terminal now knows, and returns its next step. The line's lock is
// held, which orders the writing of records.
func (r *Run) judge(l *line, x *exchange, a *wire.Answer) verdict {
	switch x.kind {
	case measure.Inquiry, measure.Echo:
		switch {
		case a.Code == inoperative:
			return shed
		case a.Code != approved, x.kind == measure.Inquiry && a.Amount != uint64(r.fleet.offers[x.offer].Price):
			return wrong
		}
		return well
	case measure.Repeat:
		switch a.Code {
		case r.fleet.Told.at(x.record).code:
			return well
		case inProgress, inoperative:
			return shed // The answer says nothing about the payment.
		}
		return changed
	case measure.Reversal:
		return r.judgeReversal(l, x, a)
	}
	return r.judgePurchase(l, x, a)
}

func (r *Run) judgeReversal(l *line, x *exchange, a *wire.Answer) verdict {
	if a.Code == approved {
		r.fleet.Told.at(x.record).state |= reversed
		return well
	}
	if x.tries++; int(x.tries) < r.plan.Reversals {
		next := *x
		next.then, next.missed = again, true
		l.answered = append(l.answered, next)
	}
	if x.missed {
		return pending
	}
	return wrong
}

func (r *Run) judgePurchase(l *line, x *exchange, a *wire.Answer) verdict {
	if a.Code == inProgress {
		next := *x
		next.tries++
		next.then = again
		l.answered = append(l.answered, next)
		return pending
	}
	r.fleet.Told.at(x.record).code = a.Code
	expected := r.fleet.cards[x.card].code
	switch {
	case a.Code == expected:
		if x.then == repeats || x.then == reverses && a.Code == approved {
			l.answered = append(l.answered, *x)
		}
		return well
	case a.Code == inoperative:
		return shed
	}
	return wrong
}

// count tells the recorder.
func (r *Run) count(v verdict, x *exchange, a *wire.Answer, now time.Duration) {
	payment := x.kind == measure.Purchase
	if v == wrong || v == changed {
		r.seen.Example(func() string {
			return fmt.Sprintf("%s of terminal %08d, F11 %06d, sent %d times before, %.1f s after its time: answered %s", x.kind, a.Terminal, a.STAN,
				x.tries, (now - x.due).Seconds(), a.Code)
		})
	}
	switch {
	case v == pending:
	case v == well && payment && int(x.card) >= goodCards+len(declining):
		r.seen.Answer(measure.SilentCard, a.Code, x.due, now)
	case v == well:
		r.seen.Answer(x.kind, a.Code, x.due, now)
	case v == shed && payment:
		r.seen.Answer(measure.Shed, a.Code, x.due, now)
	case v == shed:
		r.seen.ShedOther(x.due)
	case v == changed:
		r.seen.Fail(x.kind, measure.Changed, x.due)
	case payment:
		r.seen.Wrong(a.Code, x.due)
	default:
		r.seen.Fail(x.kind, measure.WrongCode, x.due)
	}
}
