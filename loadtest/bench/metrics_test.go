package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"treasury-switch/internal/metrics"
	"treasury-switch/internal/scrape"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"
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
	look := func() scrape.Page {
		found, err := scrape.Ask(t.Context(), served.URL)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	purchase := func(channel payment.Channel, whole, network time.Duration) {
		set.Message(channel, iso.MTIPurchase, "00", whole)
		set.Network("answered", network)
	}
	purchase(payment.POS, time.Second, 200*time.Millisecond)
	before := look()
	purchase(payment.POS, 4*time.Millisecond, time.Millisecond)
	purchase(payment.Kiosk, 8*time.Millisecond, time.Millisecond)
	set.Message(payment.POS, iso.MTINetwork, "00", 9*time.Second)
	after := look()
	// 12 ms for two purchases, of which the network took 2 ms.
	if got, err := ownShare(before, after); err != nil || got < 4.999 || got > 5.001 {
		t.Errorf("the share is %v ms, %v", got, err)
	}
	if got := after.Sum(heapInUse, nil); got < 1e5 {
		t.Errorf("the heap is %v bytes", got)
	}
	if _, err := ownShare(before, before); err == nil {
		t.Error("a share of no purchases")
	}
}
