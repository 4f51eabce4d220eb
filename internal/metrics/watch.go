package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/iso/shetab"
	"treasury-switch/iso/terminal"
	"treasury-switch/switch/recorder"
)

// Sources are read at each scrape. Nil ones are left out. Reading them must end within the scrape's timeout, even while the
// database hangs.
type Sources struct {
	Listener interface{ Stats() server.Stats }
	Channel  interface {
		Refusals() map[terminal.Refused]uint64
		FollowUps() map[terminal.Refused]uint64
	}
	Links interface {
		Status() []network.Status
		EventCounts() (counts map[network.EventKind]uint64, lost uint64)
	}
	// Unasked counts the networks' messages that no request was waiting for, by outcome.
	Unasked  func() map[shetab.Outcome]uint64
	Recorder interface{ Depths() []recorder.Depth }
	Payments interface {
		InFlight() (now, limit int)
		Reversals() (queued, limit int)
	}
	// Days tells when the current business day of each book begins, without the books that have none yet.
	Days func() map[string]time.Time
	// Database gives the state of the pool, without the lanes' connections.
	Database func() Connections
	// Clocks compares the machine's clock with the database's.
	Clocks func() Clocks
	// Ready gives each condition of readiness and whether it is met. A node takes payments while all are.
	Ready func() map[string]bool
}

// Connections is the state of a pool: connections in use, requests waiting, the limit, and totals since the start.
type Connections struct {
	InUse, Idle, Limit int32
	// Acquires are the times that a connection was taken, Waits those that found none free; Waited is the time of all.
	Acquires, Waits int64
	Waited          time.Duration
}

// Clocks compares the machine's clock with the database's.
type Clocks struct {
	// Skew is how far the machine's clock is ahead, Limit how far it may differ.
	Skew, Limit time.Duration
	// Width is how far apart the bounds are between which the database's time is known.
	Width time.Duration
	// Steps is how often the database's clock was found to have been set.
	Steps uint64
}

// Watch adds the metrics that are read at each scrape. It may be called once.
func (s *Set) Watch(sources Sources) { s.Registry.MustRegister(watcher{sources}) }

// watcher reads its sources at every scrape.
type watcher struct{ Sources }

// described are the metrics that a watcher collects.
var described []*prometheus.Desc

func describe(name, help string, labels ...string) *prometheus.Desc {
	d := prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	described = append(described, d)
	return d
}

var (
	connections = describe("terminal_connections", "Open connections of terminals.")
	handling    = describe("terminal_messages_in_flight", "Messages of terminals that are being answered.")
	accepted    = describe("terminal_connections_accepted_total", "Connections of terminals that were accepted.")
	keepAlives  = describe("terminal_keepalives_total", "Frames of length zero of terminals that were passed over.")
	refused     = describe("terminal_connections_refused_total", "Connections that were refused, by reason.", "reason")
	closed      = describe("terminal_connections_closed_total", "Connections that ended, by reason.", "reason")
	faulty      = describe("terminal_messages_faulty_total",
		"Messages that were malformed, untrusted, or made the program panic; answers that could not be delivered or packed.", "what")
	refusals      = describe("terminal_refusals_total", "Requests refused by the terminal channel, by the check and the response code.", "stage", "code")
	followUps     = describe("terminal_follow_ups_refused_total", "Those of them that were about an earlier payment and told 09 instead of the code: such a terminal comes again.", "stage", "code")
	linkState     = describe("link_signed_on", "1 while a link takes requests.", "link")
	linkInFlight  = describe("link_in_flight", "Requests of a link that wait for an answer.", "link")
	linkTotals    = describe("link_events_total", "What a link has done.", "link", "what")
	linkTrips     = describe("link_round_trip_seconds", "Time from a request's place in a link's queue to its trusted answer.", "link")
	events        = describe("network_events_total", "Messages of the network that no request was waiting for, and changes of links.", "event")
	lost          = describe("network_events_lost_total", "Events that were not received before a forced end.")
	unasked       = describe("network_unasked_total", "Messages of the network that no request was waiting for, by what became of them.", "outcome")
	laneQueue     = describe("lane_queued", "Plans that wait for the next group of a lane.", "lane")
	laneLimit     = describe("lane_queue_limit", "Plans that a lane's queue holds at most.", "lane")
	laneReady     = describe("lane_ready", "1 while a lane has a database that takes writes.", "lane")
	laneWriting   = describe("lane_writing_seconds", "How long a lane has been trying to write a group, or has had no database to write to; 0 between groups.", "lane")
	inFlight      = describe("payments_in_flight", "Purchases that are being worked on.")
	inFlightLimit = describe("payments_in_flight_limit", "Purchases in flight at most; above it 91.")
	forwardLimit  = describe("forward_limit", "Queued reversals near which new purchases are answered 91.")
	businessDay   = describe("business_day_timestamp_seconds", "When the current business day of a book begins.", "book")
	dbConnections = describe("database_connections", "Connections to the database beside those of the lanes.", "state")
	dbLimit       = describe("database_connections_limit", "Such connections at most.")
	dbAcquires    = describe("database_acquires_total", "Times that a connection was taken.")
	dbWaits       = describe("database_acquire_waits_total", "Times that no connection was free.")
	dbWaited      = describe("database_acquire_seconds_total", "Time it took to take connections.")
	clockSkew     = describe("clock_skew_seconds", "By how much the machine's own clock is ahead of the database's.")
	skewLimit     = describe("clock_skew_limit_seconds", "By how much it may differ before operators are told.")
	clockWidth    = describe("database_time_uncertainty_seconds", "Width of the bounds between which the database's time is known.")
	clockSteps    = describe("database_clock_steps_total", "Times that the database's clock was found to have been set.")
	ready         = describe("ready", "1 while the node takes payments.")
	condition     = describe("ready_condition", "1 while a condition of readiness is met.", "condition")
)

// Describe lists the metrics.
func (w watcher) Describe(to chan<- *prometheus.Desc) {
	for _, d := range described {
		to <- d
	}
}

// Collect reads the sources.
func (w watcher) Collect(to chan<- prometheus.Metric) {
	if w.Listener != nil {
		collectListener(to, w.Listener.Stats())
	}
	if w.Channel != nil {
		for of, n := range byLabel(w.Channel.Refusals(), usual) {
			count(to, refusals, n, string(of.Stage), string(of.Code))
		}
		for of, n := range byLabel(w.Channel.FollowUps(), atTheEdge) {
			count(to, followUps, n, string(of.Stage), string(of.Code))
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
	if w.Recorder != nil {
		collectLanes(to, w.Recorder.Depths())
	}
	if w.Payments != nil {
		now, limit := w.Payments.InFlight()
		level(to, inFlight, float64(now))
		level(to, inFlightLimit, float64(limit))
		_, limit = w.Payments.Reversals()
		level(to, forwardLimit, float64(limit))
	}
	w.collectRest(to)
}

// collectRest reads the sources that are functions.
func (w watcher) collectRest(to chan<- prometheus.Metric) {
	if w.Unasked != nil {
		counts := w.Unasked()
		for _, outcome := range unaskedOutcomes {
			count(to, unasked, counts[outcome], string(outcome))
		}
	}
	if w.Days != nil {
		for book, begins := range w.Days() {
			level(to, businessDay, float64(begins.Unix()), book)
		}
	}
	if w.Database != nil {
		collectDatabase(to, w.Database())
	}
	if w.Clocks != nil {
		collectClocks(to, w.Clocks())
	}
	if w.Ready != nil {
		all := true
		for name, met := range w.Ready() {
			level(to, condition, truth(met), name)
			all = all && met
		}
		level(to, ready, truth(all))
	}
}
