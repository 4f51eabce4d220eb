package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/iso/terminal"
)

// Sources are what is looked at when the metrics are asked for. Nil ones are left out.
type Sources struct {
	Listener interface{ Stats() server.Stats }
	Channel  interface {
		Refusals() map[terminal.Refused]uint64
	}
	Links interface {
		Status() []network.Status
		EventCounts() (counts map[network.EventKind]uint64, lost uint64)
	}
	// Ready says whether the node takes payments.
	Ready func() bool
}

// Watch adds the metrics of what is. It may be called once.
func (s *Set) Watch(sources Sources) { s.Registry.MustRegister(watcher{sources}) }

// watcher reads its sources at every scrape.
type watcher struct{ Sources }

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

var (
	connections = describe("terminal_connections", "Open connections of terminals.")
	handling    = describe("terminal_messages_in_flight", "Messages of terminals that are being answered.")
	accepted    = describe("terminal_connections_accepted_total", "Connections of terminals that were accepted.")
	refused     = describe("terminal_connections_refused_total", "Connections that were refused, by reason.", "reason")
	closed      = describe("terminal_connections_closed_total", "Connections that ended, by reason.", "reason")
	faulty      = describe("terminal_messages_faulty_total",
		"Messages that were malformed, untrusted, or made the program panic; answers that could not be delivered or packed.", "what")
	refusals     = describe("terminal_refusals_total", "Requests refused by the terminal channel, by the check and the response code.", "stage", "code")
	linkState    = describe("link_signed_on", "1 while a link takes requests.", "link")
	linkInFlight = describe("link_in_flight", "Requests of a link that wait for an answer.", "link")
	linkTotals   = describe("link_events_total", "What a link has done.", "link", "what")
	events       = describe("network_events_total", "Messages of the network that no request was waiting for, and changes of links.", "event")
	lost         = describe("network_events_lost_total", "Events that were not received before a forced end.")
	ready        = describe("ready", "1 while the node takes payments.")
)

// Describe lists the metrics.
func (w watcher) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{connections, handling, accepted, refused, closed, faulty, refusals, linkState, linkInFlight,
		linkTotals, events, lost, ready} {
		to <- d
	}
}

// Collect reads the sources.
func (w watcher) Collect(to chan<- prometheus.Metric) {
	if w.Listener != nil {
		collectListener(to, w.Listener.Stats())
	}
	if w.Channel != nil {
		for of, n := range byLabel(w.Channel.Refusals()) {
			count(to, refusals, n, string(of.Stage), string(of.Code))
		}
	}
	if w.Links != nil {
		for _, link := range w.Links.Status() {
			collectLink(to, link)
		}
		counts, gone := w.Links.EventCounts()
		for kind, n := range counts {
			count(to, events, n, kind.String())
		}
		count(to, lost, gone)
	}
	if w.Ready != nil {
		level(to, ready, truth(w.Ready()))
	}
}

func collectListener(to chan<- prometheus.Metric, s server.Stats) {
	level(to, connections, float64(s.Open))
	level(to, handling, float64(s.InFlight))
	count(to, accepted, s.Accepted)
	for reason, n := range s.Refused {
		count(to, refused, n, string(reason))
	}
	for reason, n := range s.Closed {
		count(to, closed, n, string(reason))
	}
	for what, n := range map[string]uint64{"malformed": s.Malformed, "untrusted": s.Untrusted, "panic": s.Panics,
		"undeliverable": s.Undeliverable, "unpackable": s.Unpackable} {
		count(to, faulty, n, what)
	}
}

func collectLink(to chan<- prometheus.Metric, s network.Status) {
	level(to, linkState, truth(s.State == network.Ready), s.Name)
	level(to, linkInFlight, float64(s.InFlight), s.Name)
	for what, n := range map[string]uint64{"connected": s.Connects, "failed": s.Failures, "sent": s.Sent, "answered": s.Answered,
		"not sent": s.NotSent, "unanswered": s.Unanswered, "echo missed": s.EchoesMissed} {
		count(to, linkTotals, n, s.Name, what)
	}
}

// byLabel adds up the refusals whose codes share a label, because a series may be given once only.
func byLabel(refusals map[terminal.Refused]uint64) map[terminal.Refused]uint64 {
	sums := make(map[terminal.Refused]uint64, len(refusals))
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
