package payment

import (
	"testing"
	"time"

	"treasury-switch/calendar"
)

// The numbers of a tombstone meet those of no payment, and their tracking code says what they are.
func TestNumbersOfATombstone(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	day := calendar.DateOf(at)
	rrn := TombstoneRRN(day, [16]byte{1, 2, 3}, at)
	if !rrn.tombstone() || NewRRN(day, rrn.Serial()).tombstone() || len(rrn.String()) != 12 || rrn.String()[:4] != "5746" {
		t.Errorf("number %s", rrn)
	}
	if TombstoneRRN(day, [16]byte{1, 2, 3}, at.Add(time.Microsecond)) == rrn {
		t.Error("two that write the same tombstone have the same number")
	}
	code := TrackingOf(1, at, rrn)
	parsed, back, serial, err := ParseTracking(string(code), at)
	if err != nil || parsed != code || !parsed.tombstone() || back != day || serial != rrn.Serial() {
		t.Errorf("%s is read as %s of %s, serial %d: %v", code, parsed, back, serial, err)
	}
	if NewTracking(1, day, rrn.Serial()) == code {
		t.Error("the code is that of a payment")
	}
}
