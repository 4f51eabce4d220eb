// Package mutants breaks the program on purpose and sees that a test notices.
//
// Each file in testdata is one break: what it takes away, where, and the test that must fail with it. `go test` only
// holds that the text to be replaced is still in its file; `make mutants` plants the breaks one after the other by a
// build overlay, so that no file of the tree is touched, and runs the tests.
package mutants
