package switching

import (
	"testing"

	"treasury-switch/switch/payment"
)

// The memory of recorded requests forgets the oldest first and never grows beyond two generations.
func TestSeenForgetsTheOldest(t *testing.T) {
	var s seen
	key := func(n int) payment.Key {
		return payment.Key{Agency: 101, OpenedOn: 1, ID: [16]byte{byte(n), byte(n >> 8), byte(n >> 16)}}
	}
	if s.has(key(1)) {
		t.Error("something is remembered from the start")
	}
	for n := range 2*seenLimit + 1 {
		s.add(key(n))
	}
	if s.has(key(0)) || !s.has(key(seenLimit)) || !s.has(key(2*seenLimit)) {
		t.Error("not the oldest were forgotten")
	}
	if n := len(s.young) + len(s.old); n > 2*seenLimit {
		t.Errorf("%d keys are remembered", n)
	}
}

// A repeat of a request that this node has recorded does not reach the recorder.
func TestARepeatIsNotOfferedToTheRecorder(t *testing.T) {
	r := newRig(t)
	p := r.purchase()
	first := r.Purchase(t.Context(), p)
	r.wantCode(first, payment.OK)
	r.stop()
	<-r.stopped // Whoever asks the recorder now is refused.
	again := r.Purchase(t.Context(), p)
	r.wantCode(again, payment.OK)
	if again.RRN != first.RRN || again.Approval != first.Approval {
		t.Errorf("answered %+v, then %+v", first, again)
	}
}
