package page

import (
	"strconv"
	"testing"
)

// A page has as many items as are asked for, within its bounds, and says where the next begins only if there is one.
func TestPages(t *testing.T) {
	for _, c := range []struct{ limit, read, size, items int }{
		{0, 3, Usual, 3}, {-1, Usual + 1, Usual, Usual}, {2, 3, 2, 2}, {2, 2, 2, 2}, {Most + 5, 1, Most, 1}, {1, 0, 1, 0},
	} {
		r := Request{Limit: c.limit}
		l := Cut(make([]int, c.read), r, strconv.Itoa)
		if r.Size() != c.size || len(l.Items) != c.items || (l.Next != "") != (c.read > c.size) {
			t.Errorf("limit %d of %d: %d items of %d, next %q", c.limit, c.read, len(l.Items), r.Size(), l.Next)
		}
	}
	if l := Cut[int](nil, Request{}, strconv.Itoa); l.Items == nil {
		t.Error("an empty page is null in JSON")
	}
}
