package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"treasury-switch/iso"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
)

// namespace begins the name of every metric of the product.
const namespace = "treasury"

// waits are the bounds in seconds for durations that are normally milliseconds and may reach the timers.
var waits = []float64{.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60}

// sizes are the bounds of groups of plans.
var sizes = []float64{1, 2, 5, 10, 20, 50, 100, 200, 500}

// Labels by which series are looked up.
type (
	answer struct {
		channel payment.Channel
		kind    string
		code    string
	}
	message struct {
		channel payment.Channel
		mti     iso.MTI
		code    string
	}
	change struct {
		from, to payment.Status
		reason   payment.Reason
	}
)

// counted is a counter with the histogram of its times.
type counted struct {
	count prometheus.Counter
	took  prometheus.Observer
}

// Set is all metrics of one node. Make it with New.
type Set struct {
	// Registry holds the metrics; the edge that serves /metrics gathers from it.
	Registry *prometheus.Registry

	groupSize, groupTime, groupWait, statements, commit prometheus.Histogram
	failures                                            *children[recorder.GroupFailure, prometheus.Counter]

	answers  *children[answer, counted]
	messages *children[message, counted]
	parts    *children[switching.Part, prometheus.Observer]
	shed     *children[switching.ShedReason, prometheus.Counter]

	network     *children[string, prometheus.Counter]
	networkTime prometheus.Histogram

	changes *children[change, prometheus.Counter]
	alarms  *children[payment.Reason, prometheus.Counter]

	forwardQueue, swept, sweptAt, cases prometheus.Gauge
	serials, serialsLimit               prometheus.Gauge
	forwardOldest, casesOldest          *age
}

// New makes the metrics of a node that calls itself by a version.
func New(version string) *Set {
	r := register{prometheus.NewRegistry()}
	s := &Set{
		Registry:      r.Registry,
		groupSize:     r.histogram("group_size", "Plans recorded by one transaction.", sizes),
		groupTime:     r.histogram("group_seconds", "Time to make a group of plans durable: statements and commit.", waits),
		groupWait:     r.histogram("group_wait_seconds", "Longest wait of a plan of each group in the queue of its lane.", waits),
		statements:    r.histogram("group_statement_seconds", "Time of a group's statements, from BEGIN to the last before COMMIT.", waits),
		commit:        r.histogram("group_commit_seconds", "Time of a group's COMMIT, and of the beats of idle lanes.", waits),
		networkTime:   r.histogram("network_seconds", "Time the network took, or was waited for.", waits),
		forwardQueue:  r.gauge("forward_queued", "Reversals waiting for the network's answer."),
		forwardOldest: r.age("forward_oldest_seconds", "Age of the oldest waiting reversal; it grows on while the database is away."),
		swept:         r.gauge("payments_without_outcome", "Payments past their deadline that the last sweep found without an outcome, and reversed."),
		sweptAt:       r.gauge("sweep_completed_timestamp_seconds", "When a sweep last came to its end, by the clock of the database."),
		serials:       r.gauge("serials_taken", "Serial numbers of the day that nodes have taken, counted every minute."),
		serialsLimit:  r.gauge("serials_limit", "Serial numbers that a day has; without one a purchase is answered 91."),
		cases:         r.gauge("cases_open", "Cases that wait for a person, counted every minute."),
		casesOldest:   r.age("cases_oldest_seconds", "Age of the oldest of them; it grows on while the database is away."),
	}
	s.countByLabels(r)
	build := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: "build_info",
		Help: "Always 1; the label is the version.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	s.Registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s
}

// countByLabels makes the vectors. Series that operators must see at the first occurrence start at zero.
func (s *Set) countByLabels(r register) {
	failures := r.counters("group_failures_total", "Attempts to write a group that failed, by what follows.", "remedy")
	s.failures = newChildren(func(k recorder.GroupFailure) prometheus.Counter { return failures.WithLabelValues(string(k)) },
		recorder.GroupReconnects, recorder.GroupOvertaken, recorder.GroupRepeated, recorder.GroupSplit, recorder.GroupFencedOff, recorder.GroupBroken)

	answers := r.counters("answers_total", "Answers to channels by the response code (F39).", "channel", "kind", "code")
	answerTime := r.histograms("answer_seconds", "Time from a request to its answer.", "channel", "kind")
	s.answers = newChildren(func(k answer) counted {
		return counted{answers.WithLabelValues(string(k.channel), k.kind, k.code), answerTime.WithLabelValues(string(k.channel), k.kind)}
	})
	messages := r.counters("messages_total", "Messages of terminals that were answered, by channel, type and response code.", "channel", "mti", "code")
	messageTime := r.histograms("message_seconds", "Time from a message's frame to its answer.", "channel", "mti")
	s.messages = newChildren(func(k message) counted {
		channel, mti := channelLabel(k.channel), mtiLabel(k.mti)
		return counted{messages.WithLabelValues(channel, mti, k.code), messageTime.WithLabelValues(channel, mti)}
	})
	parts := r.histograms("answer_part_seconds", "Time that purchases spent in each part of their way.", "part")
	s.parts = newChildren(func(k switching.Part) prometheus.Observer { return parts.WithLabelValues(string(k)) },
		switching.PartPrepare, switching.PartIntent, switching.PartNetwork, switching.PartOutcome)
	shed := r.counters("requests_shed_total", "Purchases answered 91 without being tried, by reason.", "reason")
	s.shed = newChildren(func(k switching.ShedReason) prometheus.Counter { return shed.WithLabelValues(string(k)) },
		switching.ShedInFlight, switching.ShedLate, switching.ShedReversals, switching.ShedDatabase, switching.ShedSerials)

	network := r.counters("network_requests_total", "Requests to the card network by what came of them.", "outcome")
	s.network = newChildren(func(k string) prometheus.Counter { return network.WithLabelValues(k) }, words...)
	changes := r.counters("payment_records_total", "Records of payments: changes of status, and evidence where it stays.", "from", "to", "reason")
	s.changes = newChildren(func(k change) prometheus.Counter {
		return changes.WithLabelValues(string(k.from), string(k.to), string(k.reason))
	}, change{payment.Pending, payment.Reversing, payment.Interrupted})
	alarms := r.counters("alarms_total", "Things that operators should look at now.", "reason")
	s.alarms = newChildren(func(k payment.Reason) prometheus.Counter { return alarms.WithLabelValues(string(k)) }, payment.Alarms...)
}

// register makes metrics and registers them.
type register struct{ *prometheus.Registry }

func (r register) histogram(name, help string, bounds []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: bounds})
	r.MustRegister(h)
	return h
}

func (r register) histograms(name, help string, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: waits}, labels)
	r.MustRegister(v)
	return v
}

func (r register) counters(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	r.MustRegister(v)
	return v
}

func (r register) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	r.MustRegister(g)
	return g
}
