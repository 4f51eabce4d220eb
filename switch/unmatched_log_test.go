package switching

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"treasury-switch/switch/payment"
)

// A12, A17: each alarm about a message that finds no original, or several, comes with a line that names its terminal, as docs/runbooks/OriginalUnmatched.md
// has operators search for it.
func TestA12_TheAlarmNamesItsTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		ask  func(r *rig, p *Purchase) Answer
		line string
		code payment.Code
	}{
		"a reversal of nothing": {func(r *rig, p *Purchase) Answer { return r.Reverse(r.t.Context(), r.reversalOf(p)) },
			`msg="reversal without its original"`, payment.OK},
		"a reversal with times of its own": {func(r *rig, p *Purchase) Answer {
			return r.Reverse(r.t.Context(), r.ownReversalOf(p, r.clock.Now()))
		}, `msg="reversal without its original"`, payment.OK},
		"an inquiry with times of its own": {func(r *rig, p *Purchase) Answer {
			return r.Status(r.t.Context(), r.ownStatusOf(p, r.clock.Now()))
		}, `msg="inquiry without its original"`, payment.InProgress},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.impatient()
			var log bytes.Buffer
			r.Log = slog.New(slog.NewTextHandler(&log, nil))
			p := r.purchase()
			p.Terminal, p.STAN = "10100007", "000123"
			r.wantCode(c.ask(r, p), c.code)
			var lines []string
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "without its original") {
					lines = append(lines, line)
				}
			}
			if n := r.seen.alarmed(payment.OriginalUnmatched); n != 1 || len(lines) != 1 {
				t.Fatalf("%d alarms and %d lines in\n%s", n, len(lines), log.String())
			}
			for _, want := range []string{"level=WARN", c.line, "reason=original_unmatched terminal=10100007 stan=000123 "} {
				if !strings.Contains(lines[0], want) {
					t.Errorf("no %s in %s", want, lines[0])
				}
			}
		})
	}
}
