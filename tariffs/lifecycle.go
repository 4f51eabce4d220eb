package tariffs

import (
	"time"

	"treasury-switch/calendar"
)

// State is how far a version has come on its way into force, or out of it.
type State string

// The states. A draft is submitted by somebody and approved by somebody else;
// an approved version never changes. It ends when another supersedes it, or
// when it is withdrawn.
const (
	// Draft has been entered from a file.
	Draft State = "draft"
	// Submitted waits for a second person.
	Submitted State = "submitted"
	// Approved holds on the days of its period.
	Approved State = "approved"
	// Superseded holds until the first day of the version that took its place.
	Superseded State = "superseded"
	// Withdrawn holds on no day, or until the day it was withdrawn from.
	Withdrawn State = "withdrawn"
)

// Record is a version as stored, with its state.
type Record struct {
	ID      int64         `json:"id"`
	Agency  int32         `json:"agency"`
	Service string        `json:"service"`
	State   State         `json:"state"`
	From    calendar.Date `json:"from"`
	// Until is the first day on which the version does not hold any more; no
	// date if it is open. Until = From: it holds on no day.
	Until calendar.Date `json:"until,omitzero"`
	// FullUntil is the end that the version's content names.
	FullUntil calendar.Date `json:"full_until,omitzero"`
	// EnteredBy, SubmittedBy and ApprovedBy are members of staff; empty where
	// nobody has yet.
	EnteredBy   string `json:"entered_by"`
	SubmittedBy string `json:"submitted_by,omitempty"`
	ApprovedBy  string `json:"approved_by,omitempty"`
	// ChangedAt is when the version came into its state.
	ChangedAt time.Time `json:"changed_at"`
	// Successor is the version that superseded this one; zero if none has.
	Successor int64 `json:"successor,omitempty"`
	// Content is the version itself, as it was entered: its Until is FullUntil.
	Content Version `json:"content,omitzero"`
	// History is everything that was done to the version, oldest first. Lists
	// leave it out.
	History []Step `json:"history,omitempty"`

	step int16
}

// Step is one thing that was done to a version.
type Step struct {
	State  State     `json:"state"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	// Until is the end of the version's period as known from this step on.
	Until calendar.Date `json:"until,omitzero"`
}

// Ref names the version for people: "PASSPORT@1405/01/01".
func (r *Record) Ref() string { return r.Service + "@" + r.From.JalaliString() }

// Holds reports whether the version, by its state, prices anything on any day.
func (r *Record) Holds() bool {
	switch r.State {
	case Approved, Superseded, Withdrawn:
		return r.Until.IsZero() || r.Until > r.From
	}
	return false
}

// HoldsOn reports whether the version, by its state, is the price of a day.
func (r *Record) HoldsOn(day calendar.Date) bool {
	return r.Holds() && day >= r.From && (r.Until.IsZero() || day < r.Until)
}

// overlaps reports whether two periods share a day.
func (r *Record) overlaps(other *Record) bool {
	return (r.Until.IsZero() || r.Until > other.From) && (other.Until.IsZero() || other.Until > r.From)
}
