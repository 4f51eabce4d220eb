package traffic

import (
	"time"

	"treasury-switch/loadtest/measure"
)

// then is what a terminal does after an answer.
type then uint8

const (
	nothing  then = iota
	repeats       // sends the purchase again
	reverses      // takes it back
	again         // the answer was not final: asks again
)

// exchange is one message from its place in the schedule to its answer. It holds no pointer.
type exchange struct {
	due   time.Duration // when it is to be sent, since the start of the run
	ready time.Duration // of a further attempt: when it is sent
	kind  measure.Kind
	// serial is the number of the sending.
	serial uint64
	// record is the number of the purchase that it is or that it is about, where it has one.
	record uint32
	till   uint32 // index of the terminal
	stan   uint32 // of this message
	card   uint32
	offer  uint8
	then   then
	tries  uint16 // attempts before this one
	sent   bool   // an attempt may have reached the switch
	advice bool   // a reversal as 0420, because no answer came
	missed bool   // an error was counted for it already
}

// fits reports whether an answer's type is that of the exchange.
func (x *exchange) fits(kind uint16) bool {
	switch x.kind {
	case measure.Inquiry:
		return kind == 110
	case measure.Reversal:
		return kind == 410 || kind == 430
	case measure.Echo:
		return kind == 810
	}
	return kind == 210
}

// queue holds exchanges that become ready in the order of their entry, because all wait equally long.
type queue struct {
	waiting []exchange
	head    int
}

func (q *queue) push(x exchange) { q.waiting = append(q.waiting, x) }

// pop takes the first exchange if it is ready.
func (q *queue) pop(now time.Duration) (exchange, bool) {
	if q.head == len(q.waiting) || q.waiting[q.head].ready > now {
		return exchange{}, false
	}
	x := q.waiting[q.head]
	q.head++
	if q.head == len(q.waiting) {
		q.waiting, q.head = q.waiting[:0], 0
	} else if q.head > 4096 && q.head > len(q.waiting)/2 {
		q.waiting = q.waiting[:copy(q.waiting, q.waiting[q.head:])]
		q.head = 0
	}
	return x, true
}

func (q *queue) len() int { return len(q.waiting) - q.head }
