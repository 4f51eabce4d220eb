// Package recorder makes the plans of package payment durable.
//
// A [Recorder] has a few lanes. Each is one connection that writes all waiting plans as one group, in one
// transaction, behind a fence on its row of table lane: a lane that another node has taken over cannot write. lane.go
// and group.go follow a group from start to end; its queries, its failures and the watch over the lanes are in files
// of their own.
//
// An [Applier] decides an event and records the result, and decides again if another record won. [Days] knows the
// network's current business day.
package recorder
