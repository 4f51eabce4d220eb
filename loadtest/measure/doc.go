// Package measure counts what a load test sees: answers and their latencies, what every process uses of the machine, and what
// the database writes.
//
// Latencies are counted from the time at which a message was to be sent by the schedule, not from when it was sent. A generator
// or a switch that falls behind therefore cannot hide it (coordinated omission), and no correction of the recorded values is
// needed afterwards: HdrHistogram's RecordCorrectedValue estimates what a closed loop has left out, and nothing is left out here.
package measure
