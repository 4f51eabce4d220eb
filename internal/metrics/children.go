package metrics

import (
	"maps"
	"sync"
	"sync/atomic"
)

// children keeps the series of a vector by their labels. Looking one up takes no lock and no allocation, which a vector's
// own look-up by label values does not promise; every payment passes through the counters. Keys must come from closed
// lists, as all labels do.
type children[K comparable, V any] struct {
	make  func(K) V
	mu    sync.Mutex // held while a series is added
	known atomic.Pointer[map[K]V]
}

// newChildren makes the series of the given keys at once, so that they are served as zero before they are first counted:
// a series that begins at one hides its first event from a rate.
func newChildren[K comparable, V any](make func(K) V, keys ...K) *children[K, V] {
	c := &children[K, V]{make: make}
	c.known.Store(&map[K]V{})
	for _, k := range keys {
		c.of(k)
	}
	return c
}

// of returns the series of a key.
func (c *children[K, V]) of(k K) V {
	if v, ok := (*c.known.Load())[k]; ok {
		return v
	}
	return c.add(k)
}

// add makes a series and puts it into a copy of the map, which readers find at their next look.
func (c *children[K, V]) add(k K) V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := (*c.known.Load())[k]; ok {
		return v
	}
	more := maps.Clone(*c.known.Load())
	more[k] = c.make(k)
	c.known.Store(&more)
	return more[k]
}
