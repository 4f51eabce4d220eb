package switching

import (
	"sync"

	"treasury-switch/switch/payment"
)

// seenLimit bounds each of the two generations of keys that a node remembers.
const seenLimit = 1 << 16

// seen remembers the latest requests that this node has recorded. A repeat among
// them is answered from the database at once; without this it would be priced and
// offered to the recorder first, which finds it out as well, at the expense of the
// whole group. Forgetting is harmless.
type seen struct {
	mu         sync.Mutex
	young, old map[payment.Key]struct{}
}

// add remembers a key. When the young are too many, they become the old ones.
func (s *seen) add(k payment.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young == nil || len(s.young) >= seenLimit {
		s.young, s.old = make(map[payment.Key]struct{}, seenLimit), s.young
	}
	s.young[k] = struct{}{}
}

// has reports whether a key is remembered.
func (s *seen) has(k payment.Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, young := s.young[k]
	_, old := s.old[k]
	return young || old
}
