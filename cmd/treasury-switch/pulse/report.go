package pulse

import (
	"cmp"
	"slices"
	"time"
)

// Report is a node's activity between two samples, and its state at the second.
type Report struct {
	At      time.Time `json:"at"`
	Seconds float64   `json:"seconds"`
	Version string    `json:"version"`
	Ready   bool      `json:"ready"`
	// Missing are the conditions of readiness that are not met.
	Missing []string `json:"missing,omitempty"`
	// Days are the current business days by book: the moment each begins.
	Days map[string]time.Time `json:"business_days"`

	Payments      float64            `json:"payments_per_second"`
	Answers       map[string]float64 `json:"answers_per_second"` // to terminals, by response code
	Latency       Times              `json:"purchase"`
	Parts         []Part             `json:"parts"`
	InFlight      float64            `json:"in_flight"`
	InFlightLimit float64            `json:"in_flight_limit"`
	Shed          map[string]float64 `json:"shed_per_second"` // by reason

	Groups Groups `json:"groups"`
	Lanes  []Lane `json:"lanes"`
	Links  []Link `json:"links"`

	Reversals      Queue              `json:"reversals"`
	Cases          Queue              `json:"cases"`
	WithoutOutcome float64            `json:"payments_without_outcome"`
	Alarms         map[string]float64 `json:"alarms"` // since the start of the node, by reason

	Process Process `json:"process"`
}

// Part is a stage of a purchase.
type Part struct {
	Name  string `json:"name"`
	Times Times  `json:"times"`
}

// Groups are the transactions of the recorder.
type Groups struct {
	Rate       float64 `json:"per_second"`
	Size       float64 `json:"mean_size"`
	Wait       Times   `json:"wait"`
	Statements Times   `json:"statements"`
	Commit     Times   `json:"commit"`
	Failed     float64 `json:"failed"` // attempts in the interval
}

// Lane is one recorder.
type Lane struct {
	Name    string  `json:"name"`
	Queued  float64 `json:"queued"`
	Limit   float64 `json:"limit"`
	Ready   bool    `json:"ready"`
	Writing float64 `json:"writing_seconds"`
}

// Link is a connection to the card network.
type Link struct {
	Name       string  `json:"name"`
	SignedOn   bool    `json:"signed_on"`
	InFlight   float64 `json:"in_flight"`
	Sent       float64 `json:"sent_per_second"`
	Answered   float64 `json:"answered_per_second"`
	Unanswered float64 `json:"unanswered"` // in the interval
	RoundTrip  Times   `json:"round_trip"`
}

// Queue is what waits for the network or for persons. A limit of 0 is none.
type Queue struct {
	Length float64 `json:"length"`
	Oldest float64 `json:"oldest_seconds"`
	Limit  float64 `json:"limit,omitempty"`
}

// Process is the program and its connections.
type Process struct {
	CPU        float64 `json:"cpu_cores"` // used in the interval; 1 is one processor
	Memory     float64 `json:"memory_bytes"`
	Goroutines float64 `json:"goroutines"`
	Files      float64 `json:"open_files"`
	Database   float64 `json:"database_in_use"`
	Most       float64 `json:"database_limit"`
	Terminals  float64 `json:"terminal_connections"`
}

// Between reports what happened from one sample to a later one.
func Between(before, after *Sample) Report {
	i := interval{before, after}
	purchase := where{"kind": "purchase"}
	r := Report{
		At: after.At, Seconds: i.seconds(), Ready: after.value("treasury_ready", nil) == 1,
		Version:  after.page["treasury_build_info"][0].Labels["version"],
		Payments: i.rate("treasury_answers_total", purchase), Answers: i.by("code", "treasury_messages_total"),
		Latency: i.times("treasury_answer_seconds", purchase), Parts: i.parts(),
		InFlight: after.value("treasury_payments_in_flight", nil), InFlightLimit: after.value("treasury_payments_in_flight_limit", nil),
		Shed: i.by("reason", "treasury_requests_shed_total"), Groups: i.groups(), Lanes: after.lanes(), Links: i.links(),
		Reversals: Queue{after.value("treasury_forward_queued", nil), after.value("treasury_forward_oldest_seconds", nil), after.value("treasury_forward_limit", nil)},
		Cases:     Queue{Length: after.value("treasury_cases_open", nil), Oldest: after.value("treasury_cases_oldest_seconds", nil)},
		Alarms:    map[string]float64{}, Days: map[string]time.Time{}, Process: i.process(),
		WithoutOutcome: after.value("treasury_payments_without_outcome", nil),
	}
	for _, p := range after.page["treasury_ready_condition"] {
		if p.Value == 0 {
			r.Missing = append(r.Missing, p.Labels["condition"])
		}
	}
	slices.Sort(r.Missing)
	for _, p := range after.page["treasury_alarms_total"] {
		if p.Value > 0 {
			r.Alarms[p.Labels["reason"]] = p.Value
		}
	}
	for _, p := range after.page["treasury_business_day_timestamp_seconds"] {
		r.Days[p.Labels["book"]] = time.Unix(int64(p.Value), 0)
	}
	return r
}

// parts are in the order in which a payment goes through them.
func (i interval) parts() []Part {
	var parts []Part
	for _, name := range []string{"prepare", "intent", "network", "outcome"} {
		parts = append(parts, Part{name, i.times("treasury_answer_part_seconds", where{"part": name})})
	}
	return parts
}

func (i interval) groups() Groups {
	return Groups{
		Rate: i.rate("treasury_group_size", nil), Size: i.times("treasury_group_size", nil).Mean,
		Wait: i.times("treasury_group_wait_seconds", nil), Statements: i.times("treasury_group_statement_seconds", nil),
		Commit: i.times("treasury_group_commit_seconds", nil), Failed: i.counted("treasury_group_failures_total", nil),
	}
}

func (s *Sample) lanes() []Lane {
	lanes := []Lane{}
	for _, p := range s.page["treasury_lane_queued"] {
		w := where{"lane": p.Labels["lane"]}
		lanes = append(lanes, Lane{Name: p.Labels["lane"], Queued: p.Value, Limit: s.value("treasury_lane_queue_limit", w),
			Ready: s.value("treasury_lane_ready", w) == 1, Writing: s.value("treasury_lane_writing_seconds", w)})
	}
	slices.SortFunc(lanes, func(a, b Lane) int { return cmp.Compare(a.Name, b.Name) })
	return lanes
}

func (i interval) links() []Link {
	links := []Link{}
	for _, p := range i.after.page["treasury_link_signed_on"] {
		name := p.Labels["link"]
		done := func(what string) where { return where{"link": name, "what": what} }
		links = append(links, Link{Name: name, SignedOn: p.Value == 1, InFlight: i.after.value("treasury_link_in_flight", where{"link": name}),
			Sent: i.rate("treasury_link_events_total", done("sent")), Answered: i.rate("treasury_link_events_total", done("answered")),
			Unanswered: i.counted("treasury_link_events_total", done("unanswered")),
			RoundTrip:  i.times("treasury_link_round_trip_seconds", where{"link": name})})
	}
	slices.SortFunc(links, func(a, b Link) int { return cmp.Compare(a.Name, b.Name) })
	return links
}

func (i interval) process() Process {
	s := i.after
	return Process{CPU: i.rate("process_cpu_seconds_total", nil), Memory: s.value("process_resident_memory_bytes", nil),
		Goroutines: s.value("go_goroutines", nil), Files: s.value("process_open_fds", nil),
		Database: s.value("treasury_database_connections", where{"state": "in use"}),
		Most:     s.value("treasury_database_connections_limit", nil), Terminals: s.value("treasury_terminal_connections", nil)}
}
