package iso

import (
	"strings"
	"sync"
)

// Bounds of a dialect's text cache: a tariff's citations and the names of agencies are some hundreds, and short.
const (
	mostTexts   = 2048
	longestText = 512
)

// encodedTexts caches encoded texts. A full cache is emptied.
type encodedTexts struct {
	mu    sync.RWMutex
	known map[textKey]string
}

type textKey struct {
	text  string
	limit int
}

func (e *encodedTexts) get(text string, limit int) (bytes string, found bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	bytes, found = e.known[textKey{text, limit}]
	return bytes, found
}

func (e *encodedTexts) put(text string, limit int, bytes string) {
	if len(text) > longestText {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known == nil {
		e.known = make(map[textKey]string)
	}
	if len(e.known) >= mostTexts {
		clear(e.known)
	}
	// The text may be a slice of a larger string, which the cache must not keep alive.
	e.known[textKey{strings.Clone(text), limit}] = bytes
}
