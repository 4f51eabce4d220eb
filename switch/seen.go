package switching

import (
	"sync"

	"treasury-switch/switch/payment"
)

// seenLimit bounds each of the two generations of cached keys.
const seenLimit = 1 << 16

// seen caches the keys of the requests that this node recorded last. A repeat among them is answered from the
// database at once; otherwise it would be priced and offered to the recorder first, whose whole group pays for the
// conflict. Forgetting is harmless.
type seen struct {
	mu         sync.Mutex
	young, old map[payment.Key]struct{}
}

// add caches a key. When the young generation is full, it becomes the old one.
func (s *seen) add(k payment.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.young == nil || len(s.young) >= seenLimit {
		s.young, s.old = make(map[payment.Key]struct{}, seenLimit), s.young
	}
	s.young[k] = struct{}{}
}

// has reports whether a key is cached.
func (s *seen) has(k payment.Key) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, young := s.young[k]
	_, old := s.old[k]
	return young || old
}
