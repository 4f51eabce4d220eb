package payment

import (
	"bytes"
	"cmp"
)

// timeBytes is how many bytes at the start of an id hold the second of the day. The 104 bits left of the hash are far
// more than needed to keep all payments of an agency on a day apart.
const timeBytes = 3

// NewID is the id of a payment: the second of the day of the request's local time (F12, hhmmss), then a keyed hash of
// its identity. A repeat has the same time and so the same id. Payments of the same minute are neighbours in every
// index that starts with their id: inserts go to the end of the agency's day, on a page in memory, instead of all
// over the day's pages.
func NewID(hash [16]byte, localTime string) [16]byte {
	second := SecondOf(localTime)
	hash[0], hash[1], hash[2] = byte(second>>16), byte(second>>8), byte(second)
	return hash
}

// SecondOf is the second of the day of a time hhmmss, which the edge has validated; for anything else it is an
// arbitrary but constant number.
func SecondOf(hhmmss string) (second int) {
	for i, unit := range [...]int{36_000, 3_600, 600, 60, 10, 1} {
		if i < len(hhmmss) {
			second += unit * int(hhmmss[i]-'0')
		}
	}
	return second
}

// CompareKeys orders payments in the order in which every statement about several of them locks their rows.
func CompareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.OpenedOn, b.OpenedOn), bytes.Compare(a.ID[:], b.ID[:]))
}
