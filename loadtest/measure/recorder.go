package measure

import (
	"sync"
	"time"
)

// Kind is what a message was. Answers of the kinds have histograms of their own.
type Kind uint8

// The kinds. A shed payment is one that was answered 91 although its card is good.
const (
	Purchase Kind = iota
	Inquiry
	Reversal
	Echo
	Repeat
	Shed
	SilentCard // a payment whose card the network does not answer in time: its latency is the switch's timer
	kinds      = 7
)

// String is the name in results.
func (k Kind) String() string {
	return [kinds]string{"purchase", "inquiry", "reversal", "echo", "repeat", "shed", "silent_card"}[k]
}

// Fault is a kind of error. A message that suffers one is counted once.
type Fault uint8

// The faults.
const (
	NoAnswer   Fault = iota // none within the terminal's timer
	WrongCode               // another response code than the card's
	Connection              // it broke, or there was none
	NotSent                 // too many messages were in flight
	Changed                 // a repeat was answered otherwise than its original
	Unreadable              // an answer that is no message
	faults     = 6
)

// String is the name in results.
func (f Fault) String() string {
	return [faults]string{"no_answer", "wrong_code", "connection", "not_sent", "repeat_changed", "unreadable"}[f]
}

// Window is a part of a run that is counted by itself: messages that were to be sent from From until before To.
type Window struct {
	Name     string
	From, To time.Duration // since the start of the run
	Latency  [kinds]Latency
	Errors   [faults]int64
	// ErrorsOf counts errors by the kind of message.
	ErrorsOf [kinds]int64
	Codes    map[[2]byte]int64 // of payments
	Offered  int64             // payments that were to be sent
	Answered int64             // payments that were answered and not shed
	Shed     int64
	// ShedOthers counts messages that are no payments and were answered 91.
	ShedOthers int64
	// Completed counts payments whose answer came within the window, whenever they were to be sent: its quotient with the
	// window's length is the throughput.
	Completed int64
}

// NewWindow makes an empty window.
func NewWindow(name string, from, to time.Duration) *Window {
	w := &Window{Name: name, From: from, To: to, Codes: map[[2]byte]int64{}}
	for k := range w.Latency {
		w.Latency[k] = NewLatency()
	}
	return w
}

// Failed is the number of errors.
func (w *Window) Failed() int64 {
	var n int64
	for _, e := range w.Errors {
		n += e
	}
	return n
}

// End takes note that the load ended at a time, which may be before the window does.
func (w *Window) End(at time.Duration) { w.To = max(w.From, min(w.To, at)) }

// Length is the window's length.
func (w *Window) Length() time.Duration { return w.To - w.From }

// PerSecond is a number of the window by its length; 0 where it has none, because the load ended before it.
func (w *Window) PerSecond(n int64) float64 {
	if w.Length() <= 0 {
		return 0
	}
	return float64(n) / w.Length().Seconds()
}

// Second is what was counted since the last call of Recorder.Second.
type Second struct {
	Offered, Answered, Shed, Errors int64
	P50, P99, Max                   time.Duration // of payments answered in it
	EchoP99                         time.Duration
}

// Recorder counts what a run sees. Its methods may be called from any goroutine. A lock is taken for every message, which costs
// much less than the message.
type Recorder struct {
	mu      sync.Mutex
	windows []*Window
	second  Second
	recent  Latency
	echoes  Latency
	behind  Latency
	// examples are errors in words.
	examples []string
}

// mostExamples bounds the errors that are kept in words.
const mostExamples = 20

// Example keeps an error in words, for people who look for its cause, unless there are enough. Words is called only then.
func (r *Recorder) Example(words func() string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.examples) < mostExamples {
		r.examples = append(r.examples, words())
	}
}

// Examples are the errors kept in words.
func (r *Recorder) Examples() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.examples
}

// NewRecorder makes a recorder of windows that do not overlap and are in order of time.
func NewRecorder(windows ...*Window) *Recorder {
	return &Recorder{windows: windows, recent: NewLatency(), echoes: NewLatency(), behind: NewLatency()}
}

// at finds the window of a time, nil if it is in none.
func (r *Recorder) at(t time.Duration) *Window {
	for _, w := range r.windows {
		if t >= w.From && t < w.To {
			return w
		}
	}
	return nil
}

// Offer counts a payment that was to be sent at a time, and how late it was handed to its connection.
func (r *Recorder) Offer(due, late time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.second.Offered++
	if w := r.at(due); w != nil {
		w.Offered++
		r.behind.Add(late)
	}
}

// Answer counts an answer that came at now to a message that was to be sent at due. The code is counted for payments.
func (r *Recorder) Answer(kind Kind, code [2]byte, due, now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.at(due)
	if w != nil {
		w.Latency[kind].Add(now - due)
	}
	switch kind {
	case Echo:
		r.echoes.Add(now - due)
	case Purchase, SilentCard:
		r.second.Answered++
		if kind == Purchase {
			r.recent.Add(now - due)
		}
		if w != nil {
			w.Answered++
			w.Codes[code]++
		}
		if w := r.at(now); w != nil {
			w.Completed++
		}
	case Shed:
		r.second.Shed++
		if w != nil {
			w.Shed++
			w.Codes[code]++
		}
	}
}

// Fail counts an error of a message that was to be sent at due.
func (r *Recorder) Fail(kind Kind, f Fault, due time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.second.Errors++
	if w := r.at(due); w != nil {
		w.Errors[f]++
		w.ErrorsOf[kind]++
	}
}

// Wrong counts a payment that was answered with another code than its card's.
func (r *Recorder) Wrong(code [2]byte, due time.Duration) {
	r.mu.Lock()
	if w := r.at(due); w != nil {
		w.Codes[code]++
	}
	r.mu.Unlock()
	r.Fail(Purchase, WrongCode, due)
}

// ShedOther counts a message that is no payment and was answered 91.
func (r *Recorder) ShedOther(due time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w := r.at(due); w != nil {
		w.ShedOthers++
	}
}

// Second returns what was counted since the last call, and begins anew.
func (r *Recorder) Second() Second {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.second
	s.P50, s.P99, s.Max = r.recent.Percentile(50), r.recent.Percentile(99), r.recent.Max()
	s.EchoP99 = r.echoes.Percentile(99)
	r.second = Second{}
	r.recent.Reset()
	r.echoes.Reset()
	return s
}

// Behind is how late payments were handed to their connections, against the schedule: the generator's own share of the latency.
func (r *Recorder) Behind() Latency { return r.behind }
