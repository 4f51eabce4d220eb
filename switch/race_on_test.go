//go:build race

package switching

// raceEnabled says that the tests run under the race detector, which makes them ten times as slow.
const raceEnabled = true
