package traffic

import (
	"time"

	"treasury-switch/loadtest/measure"
	"treasury-switch/loadtest/wire"
)

// arrive sends the payment that is due and, at random, the extra messages of the mix.
func (r *Run) arrive(due time.Duration) {
	f, mix := r.fleet, &r.plan.Mix
	n, t := r.anyone()
	x := exchange{due: due, kind: measure.Purchase, till: n, stan: t.trace(), offer: t.offers[f.random.IntN(len(t.offers))]}
	x.card = r.draw()
	switch p := f.random.Float64() * 100; {
	case p < mix.Repeats:
		x.then = repeats
	case p < mix.Repeats+mix.Reversals:
		x.then = reverses
	}
	r.seen.Offer(due, r.now-due)
	room := r.inFlight.Load() < int64(r.plan.MaxInFlight)
	if room {
		x.record, room = f.Told.add(record{till: t.number, stan: x.stan, local: uint32(r.stamp.Unix()), offer: x.offer})
	}
	if room {
		r.send(x)
	} else {
		r.seen.Fail(measure.Purchase, measure.NotSent, due)
	}
	if mix.Inquiries > 0 && f.random.Float64()*100 < mix.Inquiries {
		r.ask(due, measure.Inquiry)
	}
	if mix.Echoes > 0 && f.random.Float64()*100 < mix.Echoes {
		r.ask(due, measure.Echo)
	}
}

// anyone picks a terminal at random.
func (r *Run) anyone() (uint32, *till) {
	tills := r.fleet.tills
	n, lines := r.fleet.random.IntN(len(tills)), min(r.plan.Connections, len(tills))
	if !r.plan.Scatter {
		n -= n % lines // The first of its row; a row has one terminal of each connection.
		if n += r.turn % lines; n >= len(tills) {
			n = r.turn % lines
		}
	}
	return uint32(n), &tills[n]
}

// draw picks a card at random.
func (r *Run) draw() uint32 {
	f := r.fleet
	switch p := f.random.Float64() * 100; {
	case p < r.plan.Mix.Declines:
		return uint32(goodCards + f.random.IntN(len(declining)))
	case p < r.plan.Mix.Declines+r.plan.Mix.Silent:
		return uint32(goodCards + len(declining) + f.random.IntN(len(silent)))
	}
	return uint32(f.random.IntN(goodCards))
}

// ask sends an inquiry or an echo of any terminal.
func (r *Run) ask(due time.Duration, kind measure.Kind) {
	f := r.fleet
	n, t := r.anyone()
	r.send(exchange{due: due, kind: kind, till: n, stan: t.trace(), offer: t.offers[f.random.IntN(len(t.offers))]})
}

// send puts a message on its connection.
func (r *Run) send(x exchange) {
	t := &r.fleet.tills[x.till]
	l := r.lines[t.line]
	if !l.current() {
		r.missed(x, measure.Connection)
		return
	}
	if len(l.out) > maxUnwritten {
		r.missed(x, measure.NotSent)
		return
	}
	if x.stan == 0 {
		x.stan = t.trace()
	}
	repeat := x.sent && x.kind != measure.Inquiry
	x.sent = true
	r.serial++
	x.serial = r.serial
	k := key(t.number, x.stan)
	l.mu.Lock()
	_, taken := l.pending[k]
	up := l.conn != nil && l.serial == l.seen
	if up && !taken {
		l.pending[k] = x
	}
	l.mu.Unlock()
	if !up || taken { // A trace number in use means a terminal with a million messages in flight.
		r.missed(x, measure.Connection)
		return
	}
	r.inFlight.Add(1)
	l.deadlines = append(l.deadlines, deadline{at: r.now + r.plan.Wait, key: k, serial: x.serial})
	l.out = r.pack(l.out, &x, t, repeat)
}

// pack appends the message of an exchange.
func (r *Run) pack(out []byte, x *exchange, t *till, repeat bool) []byte {
	f := r.fleet
	s := wire.Sending{Repeat: repeat, Sent: &r.stamp, Local: &r.stamp, STAN: x.stan, Terminal: &t.id, Acceptor: &t.acceptor}
	switch x.kind {
	case measure.Inquiry:
		return f.inquiries[x.offer].Append(out, &s)
	case measure.Echo:
		return f.echoes.Append(out, &s)
	}
	of := f.Told.at(x.record)
	earlier := r.stamp
	if int64(of.local) != r.stamp.Unix() {
		earlier = wire.At(int64(of.local))
	}
	s.Local, s.Amount = &earlier, uint64(f.offers[x.offer].Price)
	if x.kind == measure.Reversal {
		of.state |= reversing
		s.OriginalSTAN = of.stan
		if x.advice {
			return f.advice.Append(out, &s)
		}
		return f.reversal.Append(out, &s)
	}
	s.Card = &f.digits[x.card]
	return f.purchases[x.offer].Append(out, &s)
}
