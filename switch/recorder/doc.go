// Package recorder makes the plans of package payment durable.
//
// A [Recorder] has a few lanes. Each is one connection that writes whatever plans are
// waiting as one group, in one transaction, behind a fence on its row of table lane: a lane
// that another node has taken over cannot write. lane.go and group.go have the way of a
// group; what it asks and writes, what follows from a failure, and who watches over lanes
// stand in the files beside them.
//
// An [Applier] decides an event and records what follows, again on what is found whenever
// somebody else was first. [Days] says which business day the network is in.
package recorder
