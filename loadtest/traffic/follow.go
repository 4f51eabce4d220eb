package traffic

import (
	"treasury-switch/loadtest/measure"
)

// followUp takes what the connections hand back, watches over the timers, and sends what has become ready.
func (r *Run) followUp() {
	for _, l := range r.lines {
		r.collect(l)
		r.expire(l)
	}
	for _, q := range []*queue{&r.life, &r.retries} {
		for x, ready := q.pop(r.now); ready; x, ready = q.pop(r.now) {
			r.send(x)
		}
	}
}

// collect takes the exchanges that a connection's reader has finished with.
func (r *Run) collect(l *line) {
	l.mu.Lock()
	broken, answered := l.broken, l.answered
	l.broken, l.answered = nil, nil
	l.mu.Unlock()
	for _, x := range broken {
		r.inFlight.Add(-1)
		r.missed(x, measure.Connection)
	}
	for _, x := range answered {
		switch {
		case x.then != again:
			r.live(x)
		case x.kind == measure.Purchase && int(x.tries) > max(r.plan.Repeats, 1):
			r.undo(x) // No more inquiries.
		default:
			x.then = nothing
			r.retry(x)
		}
	}
}

// live takes the step that a terminal takes some time after an answer: a repeat or a reversal.
func (r *Run) live(x exchange) {
	x.kind, x.sent, x.tries, x.missed = measure.Repeat, true, 0, false
	if x.then == reverses {
		x.kind, x.sent, x.stan = measure.Reversal, false, 0
	}
	x.then = nothing
	x.ready = r.now + afterwards
	x.due = x.ready
	r.life.push(x)
}

// expire ends the waiting for answers whose time is over.
func (r *Run) expire(l *line) {
	for l.head < len(l.deadlines) && l.deadlines[l.head].at <= r.now {
		d := l.deadlines[l.head]
		l.head++
		l.mu.Lock()
		x, waits := l.pending[d.key]
		if waits = waits && x.serial == d.serial; waits {
			delete(l.pending, d.key)
		}
		l.mu.Unlock()
		if waits {
			r.inFlight.Add(-1)
			r.missed(x, measure.NoAnswer)
		}
	}
	if l.head > 1024 && l.head > len(l.deadlines)/2 {
		l.deadlines = l.deadlines[:copy(l.deadlines, l.deadlines[l.head:])]
		l.head = 0
	}
}

// missed counts a message that got no answer, once, and lets its terminal go on as real ones do: purchases are repeated and at
// last reversed, reversals are repeated.
func (r *Run) missed(x exchange, why measure.Fault) {
	if !x.missed {
		r.seen.Fail(x.kind, why, x.due)
		x.missed = true
	}
	x.tries++
	switch {
	case x.kind == measure.Purchase && int(x.tries) <= r.plan.Repeats:
		r.retry(x)
	case x.kind == measure.Purchase && x.sent:
		r.undo(x)
	case x.kind == measure.Reversal && int(x.tries) < r.plan.Reversals:
		r.retry(x)
	case x.kind == measure.Purchase || x.kind == measure.Reversal:
		r.lost++
	}
}

// retry sends an exchange again after a pause.
func (r *Run) retry(x exchange) {
	x.ready = r.now + r.plan.Pause
	r.retries.push(x)
}

// undo begins the reversal of a purchase that got no answer.
func (r *Run) undo(x exchange) {
	x.kind, x.advice, x.sent, x.stan, x.tries, x.missed, x.then = measure.Reversal, true, false, 0, 0, false, nothing
	x.ready = r.now + r.plan.Pause
	x.due = x.ready
	r.retries.push(x)
}
