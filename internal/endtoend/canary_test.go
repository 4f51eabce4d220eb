package endtoend

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/simulator"
)

// TestNoSecretLeaks drives the whole program, logging everything it can, with canary card numbers, tracks, PIN blocks and
// verification values, in good messages and bad ones, through good answers of the network and bad ones, and into a crash.
// Then it looks for them in everything the program has written, served, printed or stored.
func TestNoSecretLeaks(t *testing.T) {
	t.Parallel()
	r := newRig(t, brisk, 1)
	r.start()
	d := &terminals{t: t, police: pos.New("10100001", 101, 0, time.Now), court: pos.New("10200001", 102, 0, time.Now)}
	first, tracking := r.goodMessages(d)
	r.badMessages(d, first)
	r.badAnswers(d)
	s := newSearcher(t)
	for page, address := range map[string]any{"/metrics": r.admin.Load(), "/healthz": r.admin.Load(), "/readyz": r.admin.Load(),
		"/links": r.admin.Load(), "/": r.http.Load(), "/version": r.http.Load()} {
		s.search("page "+page, r.page(address, page))
	}
	s.search("the simulator's ledger", r.page(r.sim.ControlAddr(), "/ledger"))
	r.crashWithSecretsInFlight(d)
	s.search("the program's log and crash output", r.log.String())
	r.start()
	r.operatorOutputs(s, tracking)
	r.settle()
	r.searchDatabase(s)
	s.search("the program's log after the restart", r.log.String())
}

// secret is a purchase with everything a card reader can send.
func (d *terminals) secret(pan string, change func(*iso.Message)) *iso.Message {
	return d.purchase(func(m *iso.Message) {
		m.Set(2, pan)
		m.Set(14, canaryTail[:4])
		m.Set(52, pinBlock(d.t))
		m.Set(53, canarySecurity)
		m.Set(55, "\x5a\x08"+bcd(canaryCards.chip)+"\x57\x10"+canaryTail)
		m.Set(48, "SVC008PASSPORT"+tag("XCV", canaryCVV)+tag("XPN", canaryCards.private))
		if change != nil {
			change(m)
		}
	})
}

// pinBlock is the canary as the eight bytes of F52.
func pinBlock(t *testing.T) string {
	t.Helper()
	block, err := hex.DecodeString(canaryPINBlock)
	if err != nil {
		t.Fatal(err)
	}
	return string(block)
}

// bcd packs digits two to a byte, as chip cards do.
func bcd(digits string) string {
	out := make([]byte, 0, len(digits)/2)
	for i := 0; i+1 < len(digits); i += 2 {
		out = append(out, (digits[i]-'0')<<4|(digits[i+1]-'0'))
	}
	return string(out)
}

// tag is a tag of F48.
func tag(name, value string) string { return fmt.Sprintf("%s%03d%s", name, len(value), value) }

// track is track 2 of a canary card.
func track(pan string) string { return pan + "=" + canaryTail }

// goodMessages are taken as they are: purchases that are approved, priced, asked about and reversed. It returns one of
// them, and its tracking code.
func (r *rig) goodMessages(d *terminals) (first *iso.Message, tracking string) {
	r.t.Helper()
	line := r.line()
	first = d.secret(canaryCards.pan, nil)
	byTrack := d.secret(canaryCards.track, func(m *iso.Message) { m.Unset(2); m.Set(35, track(canaryCards.track)) })
	inquiry := d.police.Tariff("PASSPORT", 0)
	inquiry.Set(2, canaryCards.pan)
	reversed := d.secret(canaryCards.reversal, nil)
	reversal := d.police.Reversal(reversed, false)
	reversal.Set(2, canaryCards.reversal)
	early := d.police.Reversal(d.secret(canaryCards.pan, nil), true)
	early.Set(2, canaryCards.pan)
	for _, one := range []struct {
		m    *iso.Message
		want iso.Code
	}{
		{first, "00"}, {d.police.Repeat(first), "00"}, {byTrack, "00"}, {inquiry, "00"}, {d.police.Status(first), "00"},
		{reversed, "00"}, {reversal, "00"}, {early, "00"},
		{d.secret(canaryCards.text, func(m *iso.Message) {
			for _, f := range []int{60, 61, 62, 102, 120, 124} {
				m.Set(f, canaryCards.text)
			}
		}), "00"},
		{d.purchase(func(m *iso.Message) { m.Set(48, "SVC008PASSPORT"+tag("REF", canaryCards.private)) }), "00"},
	} {
		answer, err := line.Exchange(r.t.Context(), one.m)
		if code := pos.Code(answer); err != nil || code != one.want {
			r.t.Fatalf("%s is answered %q, %v", one.m.MTI, code, err)
		}
		if tracking == "" {
			tracking = pos.Tracking(answer)
		}
	}
	return first, tracking
}

// badMessages are refused: by their values, by their form, or by closing the connection.
func (r *rig) badMessages(d *terminals, first *iso.Message) {
	r.t.Helper()
	c := canaryCards.malformed
	contradiction := d.police.Repeat(first)
	contradiction.Set(2, c)
	otherCard := d.police.Reversal(first, false)
	otherCard.Set(2, c)
	whole := packed(r.t, d.secret(c, nil))
	for _, frame := range [][]byte{
		framed(r.t, packed(r.t, contradiction)), framed(r.t, packed(r.t, otherCard)),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(2, c[:15]+"0") }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(35, track(canaryCards.track)) }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(48, tag("SVC", c)) }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(48, tag("SVC", "PASSPORT")+"PAN999"+c) }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(48, c+canaryCVV) }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(48, tag("SVC", "PASSPORT")+tag("QTY", c)+tag("PID", c)) }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.MTI = 600 }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(3, "990000") }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Unset(11) }))),
		framed(r.t, packed(r.t, d.secret(c, func(m *iso.Message) { m.Set(4, "000000000000") }))),
		framed(r.t, bytes.Replace(whole, []byte(c), []byte(c[:15]+"A"), 1)),
		framed(r.t, bytes.Replace(whole, []byte(canaryPINBlock), []byte(canaryPINBlock[:15]+"X"), 1)),
		framed(r.t, bytes.Replace(whole, []byte("16"+c), []byte("99"+c), 1)),
		framed(r.t, append(bytes.Clone(whole), track(c)...)),
		framed(r.t, append([]byte(c), whole...)),
		framed(r.t, append([]byte("0200ZZZZ"), track(c)...)),
		framed(r.t, whole)[:len(whole)-9],
		append([]byte{0xff, 0xff}, track(c)...),
		[]byte(track(c)),
	} {
		w := r.dial()
		w.write(frame)
		if err := w.conn.CloseWrite(); err != nil {
			r.t.Fatal(err)
		}
		if answer := w.read(); answer != nil && pos.Code(answer) == iso.RC00Approved {
			r.t.Errorf("a message that must be refused is approved: %s", answer.MTI)
		}
	}
}

// badAnswers are the network's: lost, doubled, late, spoilt, and cut off.
func (r *rig) badAnswers(d *terminals) {
	r.t.Helper()
	line := r.line()
	for _, faults := range []simulator.Faults{
		{Corrupt: 100, On: simulator.Purchases}, {Corrupt: 100, On: simulator.Purchases}, {Corrupt: 100, On: simulator.Purchases},
		{Corrupt: 100, On: simulator.Purchases}, {Corrupt: 100, On: simulator.Purchases}, {Duplicate: 100}, {Delay: 100, DelayMS: int(r.pace.times(11) / time.Millisecond), On: simulator.Purchases},
		{Disconnect: 100, On: simulator.Purchases}, {ReversalCode: "30", ReversalCount: 1}, {},
	} {
		if err := r.sim.SetFaults(faults); err != nil {
			r.t.Fatal(err)
		}
		// How it ends differs; that it ends, and what is written about it, is what counts.
		if _, err := line.Exchange(r.t.Context(), d.secret(canaryCards.network, nil)); err != nil {
			r.t.Errorf("no answer with faults %+v: %v", faults, err)
		}
	}
}

// crashWithSecretsInFlight makes the program dump its goroutines and end (SIGQUIT) while it holds a card, a track and a PIN
// block for which the network's answer is missing.
func (r *rig) crashWithSecretsInFlight(d *terminals) {
	r.t.Helper()
	if err := r.sim.SetFaults(simulator.Faults{Drop: 100, On: simulator.Purchases}); err != nil {
		r.t.Fatal(err)
	}
	before := r.sim.Ledger().Totals.Debited
	w := r.dial()
	w.write(framed(r.t, packed(r.t, d.secret(canaryCards.track, func(m *iso.Message) { m.Set(35, track(canaryCards.track)) }))))
	r.eventually(askLimit, "the network has the purchase", func() bool { return r.sim.Ledger().Totals.Debited > before })
	if err := syscall.Kill(r.node.PID(), syscall.SIGQUIT); err != nil {
		r.t.Fatal(err)
	}
	if err := r.node.Err(); err == nil || !strings.Contains(r.log.String(), "goroutine ") {
		r.t.Errorf("the program has left no crash output: %v", err)
	}
	if err := r.sim.SetFaults(simulator.Faults{}); err != nil {
		r.t.Fatal(err)
	}
}

// operatorOutputs looks at what the commands print, for people and for programs.
func (r *rig) operatorOutputs(s *searcher, tracking string) {
	r.t.Helper()
	admin, terminals := "--admin="+r.admin.Load().(string), "--to="+r.terminals.Load().(string)
	for _, command := range [][]string{
		{"payment", "show", tracking}, {"check"}, {"ledger", "trial-balance"}, {"ledger", "statement", "R-101-140101-01"},
		{"links", admin}, {"top", admin, "--count=1"}, {"day", "list"}, {"agencies", "list"}, {"accounts", "list", "--house"}, {"terminals", "list"}, {"services", "list"},
		{"send", terminals, "--terminal=10100001", "--service=PASSPORT", "--pan=" + canaryCards.pan, "--field=35=" + track(canaryCards.pan),
			"--tag=XCV=" + canaryCVV},
		{"send", terminals, "--terminal=10100001", "--service=PASSPORT", "--pan=" + canaryCards.malformed[:15] + "x", "--as-is"},
	} {
		for _, form := range []string{"", "--json"} {
			arguments := command
			if form != "" {
				arguments = append(command[:len(command):len(command)], form)
			}
			text, code := r.operator(arguments...)
			if code != 0 && command[0] != "send" {
				r.t.Errorf("treasury-switch %s %s ends with %d:\n%s", command[0], command[1:], code, text)
			}
			s.search("the output of "+command[0], text)
		}
	}
}

// searchDatabase looks at every column of every row, and at the log of the server.
func (r *rig) searchDatabase(s *searcher) {
	r.t.Helper()
	pool := r.owner()
	var tables []string
	err := pool.QueryRow(r.t.Context(), `SELECT array_agg(c.oid::regclass::text ORDER BY 1) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')`).Scan(&tables)
	if err != nil {
		r.t.Fatal(err)
	}
	rows := 0
	for _, table := range tables {
		var text *string
		var count int
		// Bytes are shown in hexadecimal: digits packed two to a byte are found in it as they are.
		if err := pool.QueryRow(r.t.Context(), "SELECT string_agg(t::text, E'\\n'), count(*) FROM "+table+" t").Scan(&text, &count); err != nil {
			r.t.Fatalf("read %s: %v", table, err)
		}
		rows += count
		if text != nil {
			s.search("table "+table, *text)
		}
	}
	if len(tables) < 20 || rows < 100 {
		r.t.Errorf("only %d tables with %d rows were searched", len(tables), rows)
	}
	if private == nil {
		return // A server that DATABASE_URL names keeps its log for itself.
	}
	log, err := os.ReadFile(filepath.Join(private.Folder(), "postgres.log"))
	if err != nil {
		r.t.Fatal(err)
	}
	s.search("the log of PostgreSQL", string(log))
}
