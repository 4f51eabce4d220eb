package payment

import (
	"bytes"
	"cmp"
)

// timeBytes is how many bytes at the begin of an id are the second of the day. What is left of the hash, 104 bits, is far more than keeps
// all payments of an agency on a day apart.
const timeBytes = 3

// NewID is the id of a payment: the second of the day of the request's local time (F12, hhmmss), then a keyed hash of its identity.
// A repeat has the same time and so the same id. Payments of the same minute are neighbours in every index that their id leads: each agency
// adds at the end of its day, on a page that is at hand, instead of all over what the day has written so far.
func NewID(hash [16]byte, localTime string) [16]byte {
	second := SecondOf(localTime)
	hash[0], hash[1], hash[2] = byte(second>>16), byte(second>>8), byte(second)
	return hash
}

// SecondOf is the second of the day of a time hhmmss, which the edge has checked; anything else is some number that is always the same.
func SecondOf(hhmmss string) (second int) {
	for i, unit := range [...]int{36_000, 3_600, 600, 60, 10, 1} {
		if i < len(hhmmss) {
			second += unit * int(hhmmss[i]-'0')
		}
	}
	return second
}

// CompareKeys orders payments as every statement about several of them locks their rows.
func CompareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.OpenedOn, b.OpenedOn), bytes.Compare(a.ID[:], b.ID[:]))
}
