package metrics

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/iso/server"
	"treasury-switch/iso/terminal"
	"treasury-switch/switch"
)

var _ switching.Observer = (*Set)(nil)
var _ server.Observer = (*Set)(nil).Message

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

func TestWhatHappensIsCounted(t *testing.T) {
	s := New("test")
	s.Group(3, time.Millisecond)
	s.Answered(switching.POS, "purchase", switching.OK, time.Millisecond)
	s.Answered(switching.POS, "purchase", switching.OK, time.Millisecond)
	s.Network("no answer", time.Second)
	s.Network("51", time.Second)
	s.Network("reversal 00", time.Second)
	s.Changed(switching.Pending, switching.Approved, switching.ByNetwork)
	s.Alarm(switching.LateApproval)
	s.Forward(7, 90*time.Second)
	s.Message(iso.MTIPurchase, "00", time.Millisecond)
	got := series(t, s, "treasury_answers_total", "treasury_network_requests_total", "treasury_payment_records_total",
		"treasury_alarms_total", "treasury_forward_queued", "treasury_forward_oldest_seconds", "treasury_messages_total", "treasury_group_size")
	want := `alarms_total reason=late_approval 1
answers_total channel=pos code=00 kind=purchase 2
forward_oldest_seconds 90
forward_queued 7
group_size 1
messages_total code=00 mti=0200 1
network_requests_total outcome=51 1
network_requests_total outcome=no answer 1
network_requests_total outcome=reversal 00 1
payment_records_total from=PENDING reason=network to=APPROVED 1
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// A peer chooses message types and response codes; it must not choose how many series there are.
func TestLabelsComeFromClosedLists(t *testing.T) {
	s := New("test")
	for a := range 26 {
		for b := range 26 {
			code := string([]byte{byte('A' + a), byte('A' + b)})
			s.Network(code, 0)
			s.Network("reversal "+code, 0)
			s.Answered(switching.POS, "purchase", switching.Code(code), 0)
			s.Message(iso.MTI(a*26+b), code, 0)
		}
	}
	for name, most := range map[string]int{"treasury_network_requests_total": 2, "treasury_answers_total": 1, "treasury_messages_total": len(mtis) + 1} {
		if n, err := testutil.GatherAndCount(s.Registry, name); err != nil || n > most {
			t.Errorf("%s has %d series, at most %d; %v", name, n, most, err)
		}
	}
}

type still struct{}

func (still) Stats() server.Stats {
	return server.Stats{Open: 2, Refused: map[server.Reason]uint64{server.ReasonTotal: 4}}
}

func (still) Refusals() map[terminal.Refused]uint64 {
	return map[terminal.Refused]uint64{{Stage: terminal.AtForm, Code: "30"}: 2, {Stage: terminal.AtSwitch, Code: "Q1"}: 1, {Stage: terminal.AtSwitch, Code: "Q2"}: 5}
}

func (still) Status() []network.Status {
	return []network.Status{{Name: "a", State: network.Ready, InFlight: 3}, {Name: "b", State: network.Down}}
}

func (still) EventCounts() (map[network.EventKind]uint64, uint64) {
	return map[network.EventKind]uint64{network.Late: 6}, 0
}

func TestWhatIsIsReadWhenAsked(t *testing.T) {
	s := New("test")
	s.Watch(Sources{Listener: still{}, Channel: still{}, Links: still{}, Ready: func() bool { return true }})
	got := series(t, s, "treasury_terminal_connections", "treasury_terminal_connections_refused_total",
		"treasury_terminal_refusals_total", "treasury_link_signed_on", "treasury_link_in_flight", "treasury_network_events_total", "treasury_ready")
	want := `link_in_flight link=a 3
link_in_flight link=b 0
link_signed_on link=a 1
link_signed_on link=b 0
network_events_total event=late answer 6
ready 1
terminal_connections 2
terminal_connections_refused_total reason=too many connections 4
terminal_refusals_total code=30 stage=form 2
terminal_refusals_total code=other stage=switch 6
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
