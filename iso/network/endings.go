package network

// endings is a queue in a ring that grows to what is needed.
type endings struct {
	ring  []ending
	first int
	count int
}

func (e *endings) len() int { return e.count }

// oldest returns the first of a queue that is not empty.
func (e *endings) oldest() *ending { return &e.ring[e.first] }

// push adds one at the end.
func (e *endings) push(last ending) {
	if e.count == len(e.ring) {
		grown := make([]ending, max(64, 2*len(e.ring)))
		n := copy(grown, e.ring[e.first:])
		copy(grown[n:], e.ring[:e.first])
		e.ring, e.first = grown, 0
	}
	e.ring[(e.first+e.count)%len(e.ring)] = last
	e.count++
}

// drop takes the oldest off a queue that is not empty.
func (e *endings) drop() {
	e.first = (e.first + 1) % len(e.ring)
	e.count--
}
