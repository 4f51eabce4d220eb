package switching

import "sync"

// inHand counts the work that an orderly stop waits for. Work also comes while that waits: an answer of the network, or what follows from
// work that is in hand.
type inHand struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed when nothing is in hand; nil while nobody waits
}

func (w *inHand) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
}

func (w *inHand) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n--; w.n == 0 && w.none != nil {
		close(w.none)
		w.none = nil
	}
}

// nothing is closed as soon as nothing is in hand.
func (w *inHand) nothing() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n == 0 {
		idle := make(chan struct{})
		close(idle)
		return idle
	}
	if w.none == nil {
		w.none = make(chan struct{})
	}
	return w.none
}
