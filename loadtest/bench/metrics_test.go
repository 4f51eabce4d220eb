package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"treasury-switch/internal/metrics"
	"treasury-switch/iso"
	"treasury-switch/switch"
)

// TestOwnShare reads what a node serves, from the product's own set of metrics.
func TestOwnShare(t *testing.T) {
	set := metrics.New("test")
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		families, err := set.Registry.Gather()
		if err != nil {
			t.Error(err)
		}
		for _, family := range families {
			if _, err := expfmt.MetricFamilyToText(w, family); err != nil {
				t.Error(err)
			}
		}
	}))
	defer served.Close()
	look := func() samples {
		found, err := scrape(t.Context(), strings.TrimPrefix(served.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	purchase := func(channel switching.Channel, whole, network time.Duration) {
		set.Message(channel, iso.MTIPurchase, "00", whole)
		set.Network("answered", network)
	}
	purchase(switching.POS, time.Second, 200*time.Millisecond)
	before := look()
	purchase(switching.POS, 4*time.Millisecond, time.Millisecond)
	purchase(switching.Kiosk, 8*time.Millisecond, time.Millisecond)
	set.Message(switching.POS, iso.MTINetwork, "00", 9*time.Second)
	after := look()
	// 12 ms for two purchases, of which the network took 2 ms.
	if got, err := ownShare(before, after); err != nil || got < 4.999 || got > 5.001 {
		t.Errorf("the share is %v ms, %v", got, err)
	}
	if got := after.gauge(heapInUse); got < 1e5 {
		t.Errorf("the heap is %v bytes", got)
	}
	if _, err := ownShare(before, before); err == nil {
		t.Error("a share of no purchases")
	}
}

func TestMetricsThatCannotBeRead(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("treasury_network_seconds_sum x\n"))
	}))
	defer broken.Close()
	if _, err := scrape(t.Context(), strings.TrimPrefix(broken.URL, "http://")); err == nil {
		t.Error("a value that is no number is taken")
	}
}
