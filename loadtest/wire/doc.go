// Package wire is the cheap side of a load generator's wire: messages of terminals that are packed once and patched for every
// sending, and a scanner that takes from an answer the few fields that a terminal looks at.
//
// It knows the terminal dialect that ships with the product (docs/wire.md) and nothing else. Tests hold it against the product's
// own codec, which is too thorough to be run beside the switch on one machine: what is measured must not be the generator.
package wire
