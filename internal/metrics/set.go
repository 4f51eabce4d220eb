package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"treasury-switch/iso"
	"treasury-switch/switch"
)

// namespace begins the name of every metric of the product.
const namespace = "treasury"

// other stands for a label value that is in no list.
const other = "other"

// waits are the bounds in seconds of what takes milliseconds when all is well and up to the timers when not.
var waits = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60}

// Set is all metrics of one node. Make it with New.
type Set struct {
	// Registry holds the metrics; the edge that serves /metrics gathers from it.
	Registry *prometheus.Registry

	groupSize     prometheus.Histogram
	groupTime     prometheus.Histogram
	answers       *prometheus.CounterVec
	answerTime    *prometheus.HistogramVec
	network       *prometheus.CounterVec
	networkTime   prometheus.Histogram
	changes       *prometheus.CounterVec
	alarms        *prometheus.CounterVec
	forwardQueue  prometheus.Gauge
	forwardOldest prometheus.Gauge
	messages      *prometheus.CounterVec
	messageTime   *prometheus.HistogramVec
}

// New makes the metrics of a node that calls itself by a version.
func New(version string) *Set {
	s := &Set{
		Registry: prometheus.NewRegistry(),
		groupSize: histogram("group_size", "Plans recorded by one transaction.",
			[]float64{1, 2, 5, 10, 20, 50, 100, 200, 500}),
		groupTime:     histogram("group_seconds", "Time to make a group of plans durable.", waits),
		answers:       counters("answers_total", "Answers to channels by the response code (F39).", "channel", "kind", "code"),
		answerTime:    histograms("answer_seconds", "Time from a request to its answer.", "channel", "kind"),
		network:       counters("network_requests_total", "Requests to the card network by what came of them.", "outcome"),
		networkTime:   histogram("network_seconds", "Time the network took, or was waited for.", waits),
		changes:       counters("payment_records_total", "Records of payments: changes of status, and evidence where it stays.", "from", "to", "reason"),
		alarms:        counters("alarms_total", "Things that operators should look at now.", "reason"),
		forwardQueue:  gauge("forward_queued", "Reversals waiting for the network's answer."),
		forwardOldest: gauge("forward_oldest_seconds", "Age of the oldest waiting reversal."),
		messages:      counters("messages_total", "Messages of terminals that were answered, by type and response code.", "mti", "code"),
		messageTime:   histograms("message_seconds", "Time from a message's frame to its answer.", "mti"),
	}
	build := gauge("build_info", "Always 1; the label is the version.", prometheus.Labels{"version": version})
	build.Set(1)
	s.Registry.MustRegister(s.groupSize, s.groupTime, s.answers, s.answerTime, s.network, s.networkTime, s.changes, s.alarms,
		s.forwardQueue, s.forwardOldest, s.messages, s.messageTime, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return s
}

func histogram(name, help string, bounds []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: bounds})
}

func histograms(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: waits}, labels)
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func gauge(name, help string, labels ...prometheus.Labels) prometheus.Gauge {
	o := prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}
	if len(labels) > 0 {
		o.ConstLabels = labels[0]
	}
	return prometheus.NewGauge(o)
}

// Group counts a group of plans that became durable.
func (s *Set) Group(n int, took time.Duration) {
	s.groupSize.Observe(float64(n))
	s.groupTime.Observe(took.Seconds())
}

// Answered counts an answer to a channel.
func (s *Set) Answered(channel switching.Channel, kind string, code switching.Code, took time.Duration) {
	s.answers.WithLabelValues(string(channel), kind, codeLabel(string(code))).Inc()
	s.answerTime.WithLabelValues(string(channel), kind).Observe(took.Seconds())
}

// Network counts a request to the card network.
func (s *Set) Network(outcome string, took time.Duration) {
	s.network.WithLabelValues(outcomeLabel(outcome)).Inc()
	s.networkTime.Observe(took.Seconds())
}

// Changed counts a new record of a payment.
func (s *Set) Changed(from, to switching.Status, reason switching.Reason) {
	s.changes.WithLabelValues(string(from), string(to), string(reason)).Inc()
}

// Alarm counts something that operators should look at now.
func (s *Set) Alarm(reason switching.Reason) { s.alarms.WithLabelValues(string(reason)).Inc() }

// Forward shows the queue of reversals.
func (s *Set) Forward(queued int, oldest time.Duration) {
	s.forwardQueue.Set(float64(queued))
	s.forwardOldest.Set(oldest.Seconds())
}

// Message counts a message of a terminal and its answer; it is the listener's observer.
func (s *Set) Message(request iso.MTI, code string, took time.Duration) {
	mti := mtiLabel(request)
	s.messages.WithLabelValues(mti, codeLabel(code)).Inc()
	s.messageTime.WithLabelValues(mti).Observe(took.Seconds())
}
