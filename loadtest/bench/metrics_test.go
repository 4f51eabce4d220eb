package main

import (
	"strings"
	"testing"
)

const scrapedBefore = `# HELP treasury_message_seconds Time from a message's frame to its answer.
# TYPE treasury_message_seconds histogram
treasury_message_seconds_bucket{mti="0200",le="0.001"} 3
treasury_message_seconds_sum{mti="0200"} 0.5
treasury_message_seconds_count{mti="0200"} 100
treasury_message_seconds_sum{mti="0800"} 9
treasury_network_seconds_sum 0.2
treasury_network_seconds_count 100
go_memstats_heap_inuse_bytes 1.2345e+07
`

const scrapedAfter = `treasury_message_seconds_sum{mti="0200"} 0.54
treasury_message_seconds_count{mti="0200"} 110
treasury_network_seconds_sum 0.21
treasury_network_seconds_count 110
`

func TestOwnShare(t *testing.T) {
	before, err := parseSamples(strings.NewReader(scrapedBefore))
	if err != nil {
		t.Fatal(err)
	}
	after, err := parseSamples(strings.NewReader(scrapedAfter))
	if err != nil {
		t.Fatal(err)
	}
	// 40 ms for ten purchases, of which the network took 10 ms.
	if got, err := ownShare(before, after); err != nil || got < 2.999 || got > 3.001 {
		t.Errorf("the share is %v ms, %v", got, err)
	}
	if got := before["go_memstats_heap_inuse_bytes"]; got != 12_345_000 {
		t.Errorf("the heap is %v", got)
	}
	if _, err := ownShare(before, before); err == nil {
		t.Error("a share of no purchases")
	}
	if _, err := parseSamples(strings.NewReader("treasury_network_seconds_sum x\n")); err == nil {
		t.Error("a value that is no number is taken")
	}
}
