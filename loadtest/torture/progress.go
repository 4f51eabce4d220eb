package main

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// speakEvery is the interval of progress lines.
const speakEvery = 15 * time.Second

// names are the scenarios that are being played.
type names struct {
	mu  sync.Mutex
	all map[string]bool
}

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.all == nil {
		n.all = map[string]bool{}
	}
	n.all[name] = true
}

func (n *names) remove(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.all, name)
}

func (n *names) list() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(n.all)), ", ")
}

// progress reports what is being played until done.
func (t *torture) progress(done <-chan struct{}) {
	tick := time.NewTicker(speakEvery)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			t.say("playing %s", t.playing.list())
		}
	}
}
