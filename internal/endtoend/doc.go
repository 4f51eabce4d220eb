// Package endtoend tests the whole program: the real binary as a process, on a database with fsync on, between real
// terminals' messages and the simulated card network. Everything in it is a test.
package endtoend
