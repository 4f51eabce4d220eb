// Package page has the pages in which lists are read.
package page

// Bounds of the items of one page: without a wish, and at most.
const (
	Usual = 100
	Most  = 1000
)

// Request asks for a part of a list.
type Request struct {
	After string // Next of the page before; empty for the first
	Limit int    // 0 = Usual, at most Most
}

// Listing is one page. Next is empty on the last.
type Listing[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Size is how many items the page has at most: as many as are asked for, and never more than Most.
func (p Request) Size() int {
	if p.Limit <= 0 {
		return Usual
	}
	return min(p.Limit, Most)
}

// Cut cuts the one row more than the page that was asked for, and tells by it whether there is a next page, which begins after the key of the
// last item.
func Cut[T any](items []T, p Request, key func(T) string) Listing[T] {
	if items == nil {
		items = []T{}
	}
	l := Listing[T]{Items: items}
	if n := p.Size(); len(items) > n {
		l.Items = items[:n]
		l.Next = key(items[n-1])
	}
	return l
}
