// Package tariffs prices public services by the law's own schedules: dated
// versions of components, each with its citation and its shares.
//
// A Set is an immutable snapshot; Quote reads nothing else, takes no lock and
// answers the same for the same request for ever. Files are what a tariff
// clerk writes, store.go is what the database keeps.
//
// The rules of rounding, dates and ties are those of the treasury: a version
// holds from its first day until the day before its end; each component is
// computed exactly and rounded once, half up to one rial unless it says
// otherwise; bounds of brackets are inclusive; the due date is the last day at
// the base price; a component is shared by the largest remainder, ties to the
// share listed first.
package tariffs
