package registry

// DefaultPage and MaxPage bound the items of one page of a list.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// Page asks for a part of a list.
type Page struct {
	After string // Next of the page before; empty for the first
	Limit int    // 0 = DefaultPage, at most MaxPage
}

// Listing is one page. Next is empty on the last.
type Listing[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Size is how many items the page has at most: as many as are asked for, and never more than MaxPage.
func (p Page) Size() int {
	if p.Limit <= 0 {
		return DefaultPage
	}
	return min(p.Limit, MaxPage)
}

// Cut cuts the one row more than the page that was asked for, and tells by it whether there is a next page, which begins after the key of the
// last item.
func Cut[T any](items []T, p Page, key func(T) string) Listing[T] {
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
