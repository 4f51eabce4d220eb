package switching

import (
	"fmt"
	"reflect"
	"testing"

	"treasury-switch/registry"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// A remembered price is the price that would be reckoned, word for word, and it is forgotten with the lists, the tariffs
// and the day that it was made under.
func TestOffersAreThoseOfTheMoment(t *testing.T) {
	r := newRig(t)
	now := r.clock.Now()
	term, _ := r.Directory().Terminal("10100001")
	ask := tariffs.Request{Service: "FORM", Units: 1000}
	d := r.Switch.terms(now)
	first, code := d.offer(term, ask)
	again, _ := d.offer(term, ask)
	if code != "" || !first.open || len(d.offers.known) != 1 {
		t.Fatalf("offered %+v, code %q, %d remembered", first, code, len(d.offers.known))
	}
	written, text := first.price.Text(), again.price.Text()
	again.price = first.price
	if !reflect.DeepEqual(first, again) || string(written) != string(text) {
		t.Errorf("offered %+v, then %+v", first, again)
	}
	if other := r.Switch.terms(now); other.offers != d.offers {
		t.Error("prices of the same moment are not remembered together")
	}
	lists, set := *r.Directory(), *r.Tariffs()
	for what, change := range map[string]func(){
		"lists":   func() { r.Directory = func() *registry.Directory { return &lists } },
		"tariffs": func() { r.Tariffs = func() *tariffs.Set { return &set } },
		"day":     func() { now = now.AddDate(0, 0, 1) },
	} {
		before := r.Switch.terms(now).offers
		change()
		if r.Switch.terms(now).offers == before {
			t.Errorf("the prices outlive a change of %s", what)
		}
	}
}

// Refusals are not remembered, nor what may be anything that was typed, and the memory has a bound.
func TestOffersKeepOnlyWhatTheyMay(t *testing.T) {
	r := newRig(t)
	term, _ := r.Directory().Terminal("10100001")
	d := r.Switch.terms(r.clock.Now())
	for _, ask := range []tariffs.Request{
		{Service: "NOSUCH"}, {Service: "FORM"}, {Service: "FORM", Units: 1, Category: "6037990000000014"},
	} {
		d.offer(term, ask)
		if n := len(d.offers.known); n != 0 {
			t.Errorf("%+v is remembered", ask)
		}
	}
	for n := range offersLimit + 1 {
		d.offers.keep(asking{request: tariffs.Request{Service: fmt.Sprint(n)}}, offer{price: payment.Price{Service: fmt.Sprint(n)}})
	}
	if n := len(d.offers.known); n > offersLimit {
		t.Errorf("%d prices are remembered", n)
	}
}
