package main

import (
	"fmt"

	"treasury-switch/internal/scrape"
	"treasury-switch/iso"
)

// The metrics of the two waits whose difference is the switch's own share: from the frame of a purchase to its answer, and
// for the network.
const (
	messageTime = "treasury_message_seconds"
	networkTime = "treasury_network_seconds"
	heapInUse   = "go_memstats_heap_inuse_bytes"
	labelMTI    = "mti"
)

// ownShare is the mean time in milliseconds that the switch itself spent on a purchase between two samples: both commits,
// the codec and the logic, without the wait for the network.
func ownShare(before, after scrape.Page) (float64, error) {
	whole, err := meanBetween(before, after, messageTime, scrape.Labels{labelMTI: iso.MTIPurchase.String()})
	if err != nil {
		return 0, err
	}
	network, err := meanBetween(before, after, networkTime, nil)
	if err != nil {
		return 0, err
	}
	return (whole - network) * 1000, nil
}

func meanBetween(before, after scrape.Page, name string, where scrape.Labels) (float64, error) {
	h := after.Histogram(name, where).Since(before.Histogram(name, where))
	if h.Count == 0 {
		return 0, fmt.Errorf("the switch observed nothing in its metric %s with %v", name, where)
	}
	return h.Mean(), nil
}
