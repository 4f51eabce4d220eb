// Package fault gives every error of the product one of a few kinds, so that
// the edges can answer it by a table (F39, HTTP status, exit code) without
// knowing where it came from.
package fault

import (
	"context"
	"errors"
	"fmt"
)

// Kind is what an error means to the caller.
type Kind uint8

// The kinds. None is the kind of a nil error only.
const (
	None Kind = iota
	// Invalid: what was asked is malformed or breaks a rule; asking again does not help.
	Invalid
	// Denied: the one who asked may not do this.
	Denied
	// NotFound: what was named does not exist, or no longer does.
	NotFound
	// Conflict: it contradicts what is already there (same key with other content, overlap).
	Conflict
	// Unavailable: certainly not done; it may be asked again.
	Unavailable
	// Unknown: may have been done; only evidence can tell.
	Unknown
	// Bug: a fault of the program itself.
	Bug
)

var names = [...]string{"none", "invalid", "denied", "not found", "conflict", "unavailable", "unknown", "bug"}

// Kinds lists every kind an error can have, so that a test can prove a table total.
func Kinds() []Kind {
	return []Kind{Invalid, Denied, NotFound, Conflict, Unavailable, Unknown, Bug}
}

// String names the kind in English, for logs and problem documents.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// failure is an error with its kind. The text and the chain live in cause.
type failure struct {
	kind  Kind
	cause error
}

// Error returns the text given to New; the kind is not part of it.
func (f *failure) Error() string { return f.cause.Error() }

// Unwrap leads to the errors wrapped with %w.
func (f *failure) Unwrap() error { return f.cause }

// New makes an error of kind k. The format is that of fmt.Errorf, %w included:
// the outermost kind of a chain is the one that counts.
func New(k Kind, format string, args ...any) error {
	return &failure{kind: k, cause: fmt.Errorf(format, args...)}
}

// KindOf returns the kind of the outermost error in the chain that has one.
// A context that ended means Unknown, because the work it cut short may have
// been done. Any other error is a Bug: nobody foresaw it. A nil error is None.
func KindOf(err error) Kind {
	if err == nil {
		return None
	}
	var f *failure
	if errors.As(err, &f) {
		return f.kind
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return Unknown
	}
	return Bug
}

// Is reports whether err is not nil and of kind k.
func Is(err error, k Kind) bool {
	return err != nil && KindOf(err) == k
}
