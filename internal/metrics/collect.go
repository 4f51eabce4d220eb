package metrics

import (
	"slices"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/iso/shetab"
	"treasury-switch/iso/terminal"
	"treasury-switch/switch/recorder"
)

func collectListener(to chan<- prometheus.Metric, s server.Stats) {
	level(to, connections, float64(s.Open))
	level(to, handling, float64(s.InFlight))
	count(to, accepted, s.Accepted)
	count(to, keepAlives, s.KeepAlives)
	for _, reason := range refusalReasons {
		count(to, refused, s.Refused[reason], string(reason))
	}
	for _, reason := range closingReasons {
		count(to, closed, s.Closed[reason], string(reason))
	}
	for what, n := range map[string]uint64{"malformed": s.Malformed, "untrusted": s.Untrusted, "panic": s.Panics,
		"undeliverable": s.Undeliverable, "unpackable": s.Unpackable} {
		count(to, faulty, n, what)
	}
}

// The reasons are served as zero before the first connection is refused or ends.
var (
	refusalReasons = []server.Reason{server.ReasonTotal, server.ReasonAddress, server.ReasonClosing}
	closingReasons = []server.Reason{server.ReasonPeer, server.ReasonIdle, server.ReasonSlowFrame, server.ReasonHalfFrame,
		server.ReasonFrameLength, server.ReasonUnparsable, server.ReasonReadFailed, server.ReasonWriteFailed,
		server.ReasonWriteTimeout, server.ReasonDrained, server.ReasonForced, server.ReasonOperator}
)

func collectLink(to chan<- prometheus.Metric, s network.Status) {
	level(to, linkState, truth(s.State == network.Ready), s.Name)
	level(to, linkInFlight, float64(s.InFlight), s.Name)
	for what, n := range map[string]uint64{"connected": s.Connects, "failed": s.Failures, "sent": s.Sent, "answered": s.Answered,
		"not sent": s.NotSent, "unanswered": s.Unanswered, "echo missed": s.EchoesMissed, "keep-alive": s.KeepAlives} {
		count(to, linkTotals, n, s.Name, what)
	}
	buckets := make(map[float64]uint64, len(network.RoundTripBounds))
	within := uint64(0)
	for i, bound := range network.RoundTripBounds {
		within += s.RoundTrips.Counts[i]
		buckets[bound.Seconds()] = within
	}
	to <- prometheus.MustNewConstHistogram(linkTrips, s.RoundTrips.Total(), s.RoundTrips.Sum.Seconds(), buckets, s.Name)
}

// collectLanes labels lanes by their place in the node: the number of a lane in the database changes with its owner.
func collectLanes(to chan<- prometheus.Metric, depths []recorder.Depth) {
	for i, d := range depths {
		name := strconv.Itoa(i)
		level(to, laneQueue, float64(d.Queued), name)
		level(to, laneLimit, float64(d.Limit), name)
		level(to, laneReady, truth(d.Ready), name)
		level(to, laneWriting, d.Writing.Seconds(), name)
	}
}

func collectDatabase(to chan<- prometheus.Metric, c Connections) {
	level(to, dbConnections, float64(c.InUse), "in use")
	level(to, dbConnections, float64(c.Idle), "idle")
	level(to, dbLimit, float64(c.Limit))
	to <- prometheus.MustNewConstMetric(dbAcquires, prometheus.CounterValue, float64(c.Acquires))
	to <- prometheus.MustNewConstMetric(dbWaits, prometheus.CounterValue, float64(c.Waits))
	to <- prometheus.MustNewConstMetric(dbWaited, prometheus.CounterValue, c.Waited.Seconds())
}

func collectClocks(to chan<- prometheus.Metric, c Clocks) {
	level(to, clockSkew, c.Skew.Seconds())
	level(to, skewLimit, c.Limit.Seconds())
	level(to, clockWidth, c.Width.Seconds())
	count(to, clockSteps, c.Steps)
}

// unaskedOutcomes are all outcomes of a message that no request was waiting for.
var unaskedOutcomes = []shetab.Outcome{shetab.Recorded, shetab.Foreign, shetab.Unreadable, shetab.Dropped, shetab.Failed, shetab.DayOpened,
	shetab.DayFailed, shetab.Distrusted, shetab.Unserved, shetab.Ignored, shetab.Misnaming, shetab.Undone, shetab.NotOurs}

// The refusals that are served as zero before the first one: those of every check at the edge, and overload.
var (
	atTheEdge = []terminal.Refused{{Stage: terminal.AtForm, Code: iso.RC30FormatError}, {Stage: terminal.AtForm, Code: iso.RC12InvalidTransaction},
		{Stage: terminal.AtForm, Code: iso.RC14InvalidCard}, {Stage: terminal.AtAcquirer, Code: iso.RC58NotPermittedTerminal},
		{Stage: terminal.AtTerminal, Code: iso.RC58NotPermittedTerminal}, {Stage: terminal.AtMAC, Code: iso.RC63SecurityViolation}}
	usual = append(slices.Clone(atTheEdge), terminal.Refused{Stage: terminal.AtSwitch, Code: iso.RC91Inoperative})
)

// byLabel adds up the refusals whose codes share a label, because a series may be given only once. Required labels without
// refusals are zero.
func byLabel(refusals map[terminal.Refused]uint64, must []terminal.Refused) map[terminal.Refused]uint64 {
	sums := make(map[terminal.Refused]uint64, len(refusals)+len(must))
	for _, of := range must {
		sums[of] = 0
	}
	for of, n := range refusals {
		sums[terminal.Refused{Stage: of.Stage, Code: iso.Code(codeLabel(string(of.Code)))}] += n
	}
	return sums
}

func count(to chan<- prometheus.Metric, d *prometheus.Desc, n uint64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func level(to chan<- prometheus.Metric, d *prometheus.Desc, v float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func truth(v bool) float64 {
	if v {
		return 1
	}
	return 0
}
