// Package tidy holds the rules of this repository that a compiler does not: which package may import which, how long a file
// and a function may be, where the database, HTTP, the wire library and the environment may be touched, that no amount is a
// floating point number, and words that do not belong here. It consists of tests only; they read the files of the tree, so
// they also run in an unpacked archive.
package tidy
