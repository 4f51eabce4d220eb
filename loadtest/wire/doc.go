// Package wire is the cheap side of a load generator's wire: messages of terminals that are packed once and patched for every
// sending, and a scanner that takes from an answer the few fields that a terminal looks at.
//
// It knows the terminal dialect that ships with the product (docs/wire.md) and nothing else. Tests compare it with the
// product's own codec, which is too costly to run beside the switch on one machine: the generator must not become what
// is measured.
package wire
