package switching

import "sync"

// inHand counts the work that an orderly stop waits for. More may start during the wait: an answer of the network, or
// what follows from work in progress.
type inHand struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed when nothing is in progress; nil while nobody waits
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

// nothing returns a channel that is closed once nothing is in progress.
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
