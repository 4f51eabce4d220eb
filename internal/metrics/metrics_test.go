package metrics

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/iso/shetab"
	"treasury-switch/iso/terminal"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"

	switching "treasury-switch/switch"
)

var _ switching.Observer = (*Set)(nil)

// series gives the samples of the named metrics in the text format, without help and type.
func series(t *testing.T, s *Set, names ...string) string {
	t.Helper()
	families, err := s.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for _, f := range families {
		for _, name := range names {
			if f.GetName() != name {
				continue
			}
			for _, m := range f.GetMetric() {
				lines.WriteString(strings.TrimPrefix(name, "treasury_"))
				for _, l := range m.GetLabel() {
					lines.WriteString(" " + l.GetName() + "=" + l.GetValue())
				}
				value := m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
				fmt.Fprintf(&lines, " %g\n", value)
			}
		}
	}
	return lines.String()
}

// nonzero is series without those that are still zero.
func nonzero(t *testing.T, s *Set, names ...string) string {
	t.Helper()
	var lines strings.Builder
	for line := range strings.Lines(series(t, s, names...)) {
		if !strings.HasSuffix(line, " 0\n") {
			lines.WriteString(line)
		}
	}
	return lines.String()
}

func TestWhatHappensIsCounted(t *testing.T) { synctest.Test(t, whatHappensIsCounted) }

func whatHappensIsCounted(t *testing.T) {
	s := New("test")
	s.Group(recorder.GroupWritten{Size: 3, Waited: time.Millisecond, Statements: time.Millisecond, Commit: time.Millisecond})
	s.Group(recorder.GroupWritten{Commit: time.Millisecond}) // A beat is no group.
	s.GroupFailed(recorder.GroupRepeated)
	s.Spent(switching.PartIntent, time.Millisecond)
	s.Shed(switching.ShedInFlight)
	s.Swept(2, time.UnixMilli(1_795_854_600_500))
	s.Cases(3, time.Hour)
	s.Answered(payment.POS, "purchase", payment.OK, time.Millisecond)
	s.Answered(payment.POS, "purchase", payment.OK, time.Millisecond)
	s.Network("no answer", time.Second)
	s.Network("51", time.Second)
	s.Network("reversal 00", time.Second)
	s.Changed(payment.Pending, payment.Approved, payment.ByNetwork)
	s.Alarm(payment.LateApproval)
	s.Forward(7, 90*time.Second)
	s.Message(payment.Kiosk, iso.MTIPurchase, "00", time.Millisecond)
	s.Message("", iso.MTIPurchase, "58", time.Millisecond)
	got := nonzero(t, s, "treasury_answers_total", "treasury_network_requests_total", "treasury_payment_records_total",
		"treasury_alarms_total", "treasury_forward_queued", "treasury_forward_oldest_seconds", "treasury_messages_total", "treasury_group_size",
		"treasury_group_commit_seconds", "treasury_group_statement_seconds", "treasury_group_wait_seconds", "treasury_group_failures_total",
		"treasury_answer_part_seconds", "treasury_requests_shed_total", "treasury_payments_without_outcome", "treasury_cases_open",
		"treasury_cases_oldest_seconds")
	want := `alarms_total reason=late_approval 1
answer_part_seconds part=intent 1
answers_total channel=pos code=00 kind=purchase 2
cases_oldest_seconds 3600
cases_open 3
forward_oldest_seconds 90
forward_queued 7
group_commit_seconds 2
group_failures_total remedy=repeat 1
group_size 1
group_statement_seconds 1
group_wait_seconds 1
messages_total channel=kiosk code=00 mti=0200 1
messages_total channel=unknown code=58 mti=0200 1
network_requests_total outcome=51 1
network_requests_total outcome=no answer 1
network_requests_total outcome=reversal 00 1
payment_records_total from=PENDING reason=network to=APPROVED 1
payments_without_outcome 2
requests_shed_total reason=in_flight 1
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// ReversalsOld and CasesOld must fire while the database is away and nobody can look: what was old then grows older.
func TestAgesGrowWhileNobodyCanLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("test")
		s.Forward(7, 90*time.Second)
		s.Cases(1, time.Hour)
		time.Sleep(15 * time.Minute)
		want := "cases_oldest_seconds 4500\nforward_oldest_seconds 990\n"
		if got := nonzero(t, s, "treasury_forward_oldest_seconds", "treasury_cases_oldest_seconds"); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
		s.Forward(0, 0)
		s.Cases(0, 0)
		time.Sleep(15 * time.Minute)
		if got := nonzero(t, s, "treasury_forward_oldest_seconds", "treasury_cases_oldest_seconds"); got != "" {
			t.Errorf("nothing waits, and %s", got)
		}
	})
}

// A peer chooses message types and response codes; it must not choose how many series there are.
func TestLabelsComeFromClosedLists(t *testing.T) {
	s := New("test")
	for a := range 26 {
		for b := range 26 {
			code := string([]byte{byte('A' + a), byte('A' + b)})
			s.Network(code, 0)
			s.Network("reversal "+code, 0)
			s.Answered(payment.POS, "purchase", payment.Code(code), 0)
			s.Message(payment.POS, iso.MTI(a*26+b), code, 0)
		}
	}
	for name, most := range map[string]int{"treasury_network_requests_total": 2 + len(words), "treasury_answers_total": 1, "treasury_messages_total": len(mtis) + 1} {
		if n, err := testutil.GatherAndCount(s.Registry, name); err != nil || n > most {
			t.Errorf("%s has %d series, at most %d; %v", name, n, most, err)
		}
	}
	kept := []int{len(*s.answers.known.Load()), len(*s.messages.known.Load()), len(*s.network.known.Load())}
	if kept[0] > 1 || kept[1] > len(mtis)+1 || kept[2] > 2+len(words) {
		t.Errorf("%v series are kept", kept)
	}
}

type still struct{}

func (still) Stats() server.Stats {
	return server.Stats{Open: 2, Refused: map[server.Reason]uint64{server.ReasonTotal: 4}}
}

func (still) Refusals() map[terminal.Refused]uint64 {
	return map[terminal.Refused]uint64{{Stage: terminal.AtForm, Code: "30"}: 2, {Stage: terminal.AtSwitch, Code: "Q1"}: 1, {Stage: terminal.AtSwitch, Code: "Q2"}: 5}
}

func (still) FollowUps() map[terminal.Refused]uint64 {
	return map[terminal.Refused]uint64{{Stage: terminal.AtForm, Code: "30"}: 1, {Stage: terminal.AtMAC, Code: "63"}: 2}
}

func (still) Status() []network.Status {
	return []network.Status{{Name: "a", State: network.Ready, InFlight: 3, Totals: network.Totals{
		RoundTrips: network.RoundTrips{Counts: [16]uint64{0, 4, 1}, Sum: 12 * time.Millisecond}}}, {Name: "b", State: network.Down}}
}

func (still) EventCounts() (map[network.EventKind]uint64, uint64) {
	return map[network.EventKind]uint64{network.Late: 6}, 0
}

func (still) Depths() []recorder.Depth {
	return []recorder.Depth{{Queued: 5, Limit: 8, Ready: true, Writing: 2 * time.Second}, {Limit: 8}}
}

func (still) InFlight() (now, limit int) { return 7, 20 }

func (still) Reversals() (queued, limit int) { return 1, 100 }

func TestWhatIsIsReadWhenAsked(t *testing.T) {
	s := New("test")
	s.Watch(Sources{Listener: still{}, Channel: still{}, Links: still{}, Recorder: still{}, Payments: still{},
		Unasked:  func() map[shetab.Outcome]uint64 { return map[shetab.Outcome]uint64{shetab.Dropped: 2} },
		Days:     func() map[string]time.Time { return map[string]time.Time{"live": time.Unix(86_400, 0)} },
		Database: func() Connections { return Connections{InUse: 3, Limit: 16, Waits: 2, Waited: time.Second} },
		Clocks: func() Clocks {
			return Clocks{Skew: -time.Minute, Limit: 2 * time.Second, Width: time.Millisecond, Steps: 3}
		},
		Ready: func() map[string]bool { return map[string]bool{"database": true, "network": false} }})
	got := nonzero(t, s, "treasury_terminal_connections", "treasury_terminal_connections_refused_total",
		"treasury_terminal_refusals_total", "treasury_terminal_follow_ups_refused_total", "treasury_link_signed_on", "treasury_link_in_flight", "treasury_link_round_trip_seconds",
		"treasury_network_events_total", "treasury_network_unasked_total", "treasury_lane_queued", "treasury_lane_queue_limit", "treasury_lane_ready",
		"treasury_lane_writing_seconds", "treasury_payments_in_flight", "treasury_payments_in_flight_limit", "treasury_forward_limit",
		"treasury_business_day_timestamp_seconds", "treasury_database_connections", "treasury_database_connections_limit",
		"treasury_database_acquire_waits_total", "treasury_database_acquire_seconds_total", "treasury_clock_skew_seconds",
		"treasury_clock_skew_limit_seconds", "treasury_database_time_uncertainty_seconds", "treasury_database_clock_steps_total", "treasury_ready", "treasury_ready_condition")
	want := `business_day_timestamp_seconds book=live 86400
clock_skew_limit_seconds 2
clock_skew_seconds -60
database_acquire_seconds_total 1
database_acquire_waits_total 2
database_clock_steps_total 3
database_connections state=in use 3
database_connections_limit 16
database_time_uncertainty_seconds 0.001
forward_limit 100
lane_queue_limit lane=0 8
lane_queue_limit lane=1 8
lane_queued lane=0 5
lane_ready lane=0 1
lane_writing_seconds lane=0 2
link_in_flight link=a 3
link_round_trip_seconds link=a 5
link_signed_on link=a 1
network_events_total event=late answer 6
network_unasked_total outcome=late answer dropped 2
payments_in_flight 7
payments_in_flight_limit 20
ready_condition condition=database 1
terminal_connections 2
terminal_connections_refused_total reason=too many connections 4
terminal_follow_ups_refused_total code=30 stage=form 1
terminal_follow_ups_refused_total code=63 stage=mac 2
terminal_refusals_total code=30 stage=form 2
terminal_refusals_total code=other stage=switch 6
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Every payment passes through the counters; they must not cost what they measure.
func BenchmarkCountingAPayment(b *testing.B) {
	s := New("test")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			for _, part := range []switching.Part{switching.PartPrepare, switching.PartIntent, switching.PartNetwork, switching.PartOutcome} {
				s.Spent(part, 3*time.Millisecond)
			}
			s.Network("00", 3*time.Millisecond)
			s.Changed(payment.None, payment.Pending, "")
			s.Changed(payment.Pending, payment.Approved, payment.ByNetwork)
			s.Answered(payment.POS, "purchase", payment.OK, 9*time.Millisecond)
			s.Message(payment.POS, iso.MTIPurchase, "00", 9*time.Millisecond)
		}
	})
}

// BenchmarkSeries shows why series are kept: the vector's own look-up hashes every label and takes a lock.
func BenchmarkSeries(b *testing.B) {
	s := New("test")
	vector := register{prometheus.NewRegistry()}.counters("series", "", "channel", "kind", "code")
	for name, look := range map[string]func(){
		"kept":      func() { s.answers.of(answer{payment.POS, "purchase", "00"}).count.Inc() },
		"by labels": func() { vector.WithLabelValues("pos", "purchase", "00").Inc() },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				look()
			}
		})
	}
}
