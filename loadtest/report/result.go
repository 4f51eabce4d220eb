// Package report is the result of a load test: the type that programs read, and its table and page for people.
package report

import (
	"fmt"
	"time"
)

// Result is everything a load test has found. Its JSON is read by other programs; names are only ever added. Rates are payments
// (0200) a second, times milliseconds, unless a name says otherwise. Where nothing else is said, the numbers are those of the
// steady window alone, without ramps.
type Result struct {
	Mode    string    `json:"mode"` // load, find-max, overload or soak
	Began   time.Time `json:"began"`
	Machine Machine   `json:"machine"`
	// Settings are the flags that matter, by name.
	Settings map[string]any `json:"settings"`

	RateOffered  float64 `json:"rate_offered"`
	RateAchieved float64 `json:"rate_achieved"` // payments answered, not counting shed ones
	DurationS    float64 `json:"duration_s"`
	Payments     int64   `json:"payments"` // that were to be sent
	// Errors are counted by kind, all kinds being there: no_answer, wrong_code, connection, not_sent, repeat_changed, unreadable.
	Errors map[string]int64 `json:"errors"`
	// ErrorsOf are the same errors by the kind of message.
	ErrorsOf map[string]int64 `json:"errors_of"`
	Examples []string         `json:"error_examples"` // of errors, in words
	Shed     int64            `json:"shed"`           // payments answered 91 although the card is good
	ShedRest int64            `json:"shed_others"`    // other messages answered 91
	// Codes are the answers to payments by F39.
	Codes map[string]int64 `json:"codes"`
	// Latency is counted from the time at which a message was to be sent: purchase, inquiry, reversal, echo, repeat, shed.
	Latency   map[string]Latency `json:"latency_ms"`
	Generator Latency            `json:"generator_delay_ms"` // how late payments were handed to their connections

	// Processes are switch, simulator, generator and postgres, as far as they run on this machine.
	Processes          map[string]Process `json:"processes"`
	WALBytesPerPayment float64            `json:"wal_bytes_per_payment"`
	GroupSizeMean      float64            `json:"group_size_mean"`
	CommitMSP50        float64            `json:"commit_ms_p50"`
	CommitMSP99        float64            `json:"commit_ms_p99"`

	Series     []Second   `json:"series"`
	Phases     []Phase    `json:"phases,omitempty"`
	FindMax    *FindMax   `json:"find_max,omitempty"`
	Soak       *Soak      `json:"soak,omitempty"`
	Invariants Invariants `json:"invariants"`
	Exit       int        `json:"exit"` // the exit code
	Verdict    string     `json:"verdict"`
}

// Machine is the machine it ran on.
type Machine struct {
	CPUs  int    `json:"cpus"`
	Model string `json:"model"`
	OS    string `json:"os"`
}

// Latency are percentiles of a histogram in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
	// Curve are percentiles for drawing: pairs of percent and milliseconds.
	Curve [][2]float64 `json:"curve,omitempty"`
}

// Process is what one process used of the machine.
type Process struct {
	CPUCores        float64 `json:"cpu_cores"` // 1 is one core all of the time
	RSSMBMax        float64 `json:"rss_mb_max"`
	CPUUSPerPayment float64 `json:"cpu_us_per_payment"`
	Share           float64 `json:"share"` // of the CPU of all processes of the test, 0 to 1
}

// Second is one second of a run, ramps included.
type Second struct {
	At       float64 `json:"at"` // seconds since the start
	Phase    string  `json:"phase"`
	Offered  int64   `json:"offered"`
	Answered int64   `json:"answered"`
	Shed     int64   `json:"shed"`
	Errors   int64   `json:"errors"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
	Max      float64 `json:"max"`
	EchoP99  float64 `json:"echo_p99"`
	InFlight int64   `json:"in_flight"`
	// CPU and RSS are cores and megabytes by process, in the last second.
	CPU       map[string]float64 `json:"cpu"`
	RSS       map[string]float64 `json:"rss"`
	WALMB     float64            `json:"wal_mb"` // written in the last second
	GroupSize float64            `json:"group_size"`
	CommitMS  float64            `json:"commit_ms"`      // median time of a group's commit
	Forward   float64            `json:"forward_queued"` // reversals that wait
}

// Phase is a part of an overload test.
type Phase struct {
	Name         string             `json:"name"` // before, over, after
	RateOffered  float64            `json:"rate_offered"`
	RateAccepted float64            `json:"rate_accepted"`
	ShedRate     float64            `json:"shed_rate"`
	DurationS    float64            `json:"duration_s"`
	Errors       map[string]int64   `json:"errors"`
	ErrorsOf     map[string]int64   `json:"errors_of"`
	Latency      map[string]Latency `json:"latency_ms"`
	// RecoveredAfterS is, of the last phase, how many seconds after its begin latency and errors were those of the first phase
	// again and stayed so; -1 is never, 0 in other phases.
	RecoveredAfterS float64 `json:"recovered_after_s"`
}

// FindMax is the search for the highest rate.
type FindMax struct {
	P99LimitMS float64 `json:"p99_limit_ms"`
	// Rate is the highest rate that held, 0 if none did; Confirmed says that a longer run held it again.
	Rate      float64 `json:"rate"`
	Confirmed bool    `json:"confirmed"`
	Steps     []Step  `json:"steps"`
}

// Step is one try of a search.
type Step struct {
	Rate      float64 `json:"rate"`
	Achieved  float64 `json:"achieved"`
	P99MS     float64 `json:"p99_ms"`
	Errors    int64   `json:"errors"`
	Shed      int64   `json:"shed"`
	DurationS float64 `json:"duration_s"`
	Holds     bool    `json:"holds"`
	Why       string  `json:"why,omitempty"` // it does not
}

// String is the step in a line.
func (s Step) String() string {
	if s.Holds {
		return fmt.Sprintf("%.0f/s holds, p99 %.1f ms", s.Rate, s.P99MS)
	}
	return fmt.Sprintf("%.0f/s does not hold: %s", s.Rate, s.Why)
}

// Soak is a run in which the switch was killed.
type Soak struct {
	Kills      int     `json:"kills"`
	DownMS     Latency `json:"down_ms"` // from the kill until it takes payments again
	Unanswered int64   `json:"unanswered"`
	GivenUp    int64   `json:"given_up"` // purchases whose terminal ended its trying
}

// Invariants are the verdict on the records.
type Invariants struct {
	OK       bool     `json:"ok"`
	Checked  bool     `json:"checked"` // false: it did not come to that
	Payments int64    `json:"payments"`
	Debits   int64    `json:"debits"`
	Told     int64    `json:"told"`
	SettledS float64  `json:"settled_s"` // how long it took until nothing was under way
	Broken   int      `json:"broken"`    // number of findings
	Findings []string `json:"findings"`  // the first of them
}
