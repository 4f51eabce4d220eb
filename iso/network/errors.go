package network

import (
	"errors"

	"treasury-switch/internal/fault"
)

// What can go wrong with an exchange, for errors.Is. Every error of Exchange is one
// of the first three.
var (
	// ErrNotSent: write was never called for the request. Its kind is
	// fault.Unavailable; the payment is declined without a reversal.
	ErrNotSent = errors.New("certainly not sent")
	// ErrNoAnswer: all or part of the request may have left and no answer came in
	// time. Its kind is fault.Unknown; the payment is reversed.
	ErrNoAnswer = errors.New("no answer")
	// ErrUntrusted: as ErrNoAnswer, and an answer came that was malformed, whose MAC was
	// wrong, or that contradicted the request. Its kind is fault.Unknown; the payment is reversed.
	ErrUntrusted = errors.New("the answer cannot be trusted")
	// ErrDuplicate comes with ErrNotSent: a request with the same key is in flight.
	ErrDuplicate = errors.New("a request with the same key is in flight")
)

// errRefused marks refusals after which another link may be tried: the request was not even queued.
var errRefused = errors.New("link takes no requests")

// notSent makes an error of a request that was certainly not sent. A cause that could have a meaning of its own, such
// as a context's deadline, is included as text only.
func notSent(link string, key Key, format string, args ...any) error {
	args = append([]any{link, key, ErrNotSent}, args...)
	return fault.New(fault.Unavailable, "network link %s: request %s: %w: "+format, args...)
}

// unknown makes an error of a request whose outcome is unknown.
func unknown(link string, key Key, cause error, why string) error {
	return fault.New(fault.Unknown, "network link %s: request %s: %w: %s", link, key, cause, why)
}
