package metrics

import (
	"time"

	"treasury-switch/iso"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
)

// Group counts a group of plans that became durable. The beat of an idle lane is no group, but its COMMIT shows how
// fast the disk is without payments.
func (s *Set) Group(g recorder.GroupWritten) {
	s.commit.Observe(g.Commit.Seconds())
	if g.Size == 0 {
		return
	}
	s.groupSize.Observe(float64(g.Size))
	s.groupWait.Observe(g.Waited.Seconds())
	s.statements.Observe(g.Statements.Seconds())
	s.groupTime.Observe((g.Statements + g.Commit).Seconds())
}

// GroupFailed counts an attempt that failed.
func (s *Set) GroupFailed(why recorder.GroupFailure) { s.failures.of(why).Inc() }

// Answered counts an answer to a channel.
func (s *Set) Answered(channel payment.Channel, kind string, code payment.Code, took time.Duration) {
	one := s.answers.of(answer{channel, kind, codeLabel(string(code))})
	one.count.Inc()
	one.took.Observe(took.Seconds())
}

// Spent counts the time that a purchase took in one stage.
func (s *Set) Spent(part switching.Part, took time.Duration) {
	s.parts.of(part).Observe(took.Seconds())
}

// Shed counts a purchase that was refused because of overload.
func (s *Set) Shed(why switching.ShedReason) { s.shed.of(why).Inc() }

// Network counts a request to the card network.
func (s *Set) Network(outcome string, took time.Duration) {
	s.network.of(outcomeLabel(outcome)).Inc()
	s.networkTime.Observe(took.Seconds())
}

// Changed counts a new record of a payment.
func (s *Set) Changed(from, to payment.Status, reason payment.Reason) {
	s.changes.of(change{from, to, reason}).Inc()
}

// Alarm counts an alarm.
func (s *Set) Alarm(reason payment.Reason) { s.alarms.of(reason).Inc() }

// Forward shows the queue of reversals.
func (s *Set) Forward(queued int, oldest time.Duration) {
	s.forwardQueue.Set(float64(queued))
	s.forwardOldest.set(queued, oldest)
}

// Swept shows what a sweep found, and that it ended.
func (s *Set) Swept(found int, at time.Time) {
	s.swept.Set(float64(found))
	s.sweptAt.Set(float64(at.UnixMilli()) / 1000)
}

// Cases shows the open cases.
func (s *Set) Cases(open int, oldest time.Duration) {
	s.cases.Set(float64(open))
	s.casesOldest.set(open, oldest)
}

// Serials shows how many of the day's serial numbers are taken.
func (s *Set) Serials(taken, limit int) {
	s.serials.Set(float64(taken))
	s.serialsLimit.Set(float64(limit))
}

// Message counts a message of a terminal and its answer. The channel is empty if the terminal is in no list.
func (s *Set) Message(channel payment.Channel, request iso.MTI, code string, took time.Duration) {
	if !mtis[request] {
		request = 0
	}
	one := s.messages.of(message{channel, request, codeLabel(code)})
	one.count.Inc()
	one.took.Observe(took.Seconds())
}
