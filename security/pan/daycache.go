package pan

import (
	"crypto/cipher"
	"maps"
	"slices"

	"treasury-switch/calendar"
)

// dayCache is an immutable set of ready ciphers by day. A change makes a new
// set; readers of the old one finish with it.
type dayCache struct {
	byDay map[calendar.Date]cipher.AEAD
	order []calendar.Date // the one loaded first comes first
}

// get finds the cipher of a day.
func (c *dayCache) get(day calendar.Date) (cipher.AEAD, bool) {
	aead, ok := c.byDay[day]
	return aead, ok
}

// dates lists the cached days.
func (c *dayCache) dates() []calendar.Date { return c.order }

// with is the set with one more day; where the bound is reached the day that
// was loaded first is left out. Its key is still in the database.
func (c *dayCache) with(day calendar.Date, aead cipher.AEAD) *dayCache {
	next := c.without(day)
	if len(next.order) >= maxCached {
		next = next.without(next.order[0])
	}
	if next.byDay == nil {
		next.byDay = map[calendar.Date]cipher.AEAD{}
	}
	next.byDay[day] = aead
	next.order = append(next.order, day)
	return next
}

// without is the set with one day less.
func (c *dayCache) without(day calendar.Date) *dayCache {
	next := &dayCache{byDay: maps.Clone(c.byDay), order: slices.Clone(c.order)}
	if _, ok := next.byDay[day]; !ok {
		return next
	}
	delete(next.byDay, day)
	next.order = slices.DeleteFunc(next.order, func(d calendar.Date) bool { return d == day })
	return next
}
