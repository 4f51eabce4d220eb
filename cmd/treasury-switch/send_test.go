package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/server"
)

// far is the switch at the other end of the wire: it answers by the service that is asked for, and keeps what it got.
type far struct {
	address string
	mu      sync.Mutex
	got     []*iso.Message
}

func farEnd(t *testing.T) *far {
	t.Helper()
	f := &far{}
	s, err := server.New(server.Config{Dialect: iso.TerminalDialect(), Direction: iso.ToSwitch, Framing: iso.TerminalDialect().Framing(), Handler: f.answer})
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { _ = s.Serve(l); close(served) }()
	t.Cleanup(func() { s.Close(); <-served })
	f.address = l.Addr().String()
	return f
}

func (f *far) answer(_ context.Context, _ *server.Session, m *iso.Message) *iso.Message {
	f.mu.Lock()
	f.got = append(f.got, m.Clone())
	f.mu.Unlock()
	if strings.Contains(m.Get(48), "SILENT") {
		return nil
	}
	answer := m.Clone()
	answer.MTI = m.MTI.Answer()
	answer.Set(39, "00")
	if strings.Contains(m.Get(48), "DECLINED") {
		answer.Set(39, "51")
	}
	if m.MTI == iso.MTIInquiry {
		answer.Set(4, "000000900000")
	}
	if m.MTI == iso.MTIPurchase {
		answer.Unset(2)
		answer.Set(15, "1121")
		answer.Set(37, "524700000001")
	}
	return answer
}

// last is the message that came last.
func (f *far) last(t *testing.T) *iso.Message {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.got) == 0 {
		t.Fatal("no message came")
	}
	return f.got[len(f.got)-1]
}

func TestHowSendEnds(t *testing.T) {
	f := farEnd(t)
	sale := "send --terminal 10100001 --pan 6037990000000014 --amount 1,000 --to " + f.address
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{sale + " --service APPROVED", 0, "To reverse it: treasury-switch send --mti 0400 --terminal 10100001 --amount 1000 --original "},
		{sale + " --service APPROVED --stan 125", 0, "--original 000125:"},
		{sale + " --service DECLINED", 2, "51  insufficient funds"},
		{sale + " --service SILENT --wait 300ms", 3, "it may have been done"},
		{strings.Replace(sale, f.address, "127.0.0.1:1", 1) + " --service X", 69, "no switch answers on 127.0.0.1:1"},
		{"send --terminal 10100001 --to " + f.address, 65, "F2"},
		{"send --mti 02 --to " + f.address, 65, "four digits"},
		{"send --amount 1e9 --to " + f.address, 65, "--amount"},
		{"send --mti 0400 --original 12 --to " + f.address, 65, "STAN:MMDDhhmmss"},
		{"send none.yaml", 66, "none.yaml"},
		{"send --mti 0800 --field 70=301 --to " + f.address, 0, "0810"},
	} {
		code, out, problem := command(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+problem, c.says) {
			t.Errorf("%s: %d, want %d and %q in\n%s%s", c.args, code, c.code, c.says, out, problem)
		}
		if strings.Contains(out+problem, "6037990000000014") {
			t.Errorf("%s: the card number is printed:\n%s%s", c.args, out, problem)
		}
	}
}

// TestSendDoesNotUseTheSwitchsTable: what the wire table would read wrongly is to be seen by it.
func TestSendDoesNotUseTheSwitchsTable(t *testing.T) {
	client, err := (&sendCmd{}).client(&app{})
	if err != nil || client.Codec.Dialect == iso.TerminalDialect() {
		t.Errorf("it does, %v", err)
	}
}

func TestThePriceIsAskedFirst(t *testing.T) {
	f := farEnd(t)
	code, out, problem := command(t, "send", "--terminal=10200001", "--service=COPY", "--units=3", "--pan=6037990000000022", "--json", "--to="+f.address)
	var all []struct{ Code, Request, Answer any }
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 || len(all) != 2 || all[1].Code != "00" {
		t.Fatalf("%d %v\n%s%s", code, err, out, problem)
	}
	paid := f.last(t)
	for field, want := range map[int]string{2: "6037990000000022", 3: "000000", 4: "000000900000", 25: "14", 41: "10200001", 42: "000000000000102",
		48: "QTY0013SVC004COPY", 49: "364"} {
		if got := paid.Get(field); got != want {
			t.Errorf("F%d is %q, want %q", field, got, want)
		}
	}
}

// Days are sent as messages carry them, in whichever calendar they were typed; the price is asked with them as well.
func TestDaysAreSent(t *testing.T) {
	f := farEnd(t)
	code, out, problem := command(t, "send", "--terminal=10200001", "--service=copy-۲", "--pan=6037990000000022", "--requested=1404/12/29", "--served=2026-04-05",
		"--due=۱۴۰۵/۰۶/۰۱", "--to="+f.address)
	f.mu.Lock()
	defer f.mu.Unlock()
	if code != 0 || len(f.got) != 2 {
		t.Fatalf("%d, %d messages\n%s%s", code, len(f.got), out, problem)
	}
	for _, m := range f.got {
		if got := m.Get(48); got != "DUE00820260823RQD00820260320SVC006copy-2SVD00820260405" {
			t.Errorf("%s: F48 is %q", m.MTI, got)
		}
	}
	if !strings.Contains(out, "RQD 20260320") || !strings.Contains(out, "SVD 20260405") {
		t.Errorf("printed:\n%s", out)
	}
}

func TestWhatIsGivenByNumberWins(t *testing.T) {
	f := farEnd(t)
	command(t, "send", "--mti=0420", "--terminal=10100001", "--amount=5", "--original=000123:1121103000", "--field=42=000000000000999",
		"--field=32=581672000", "--stan=000777", "--to="+f.address)
	sent := f.last(t)
	for field, want := range map[int]string{11: "000777", 12: "103000", 13: "1121", 32: "581672000", 42: "000000000000999",
		90: "0200000123" + strings.Repeat("0", 32)} {
		if got := sent.Get(field); got != want {
			t.Errorf("F%d is %q, want %q", field, got, want)
		}
	}
}

// The messages of the examples are complete by the rules of the dialect.
func TestExampleMessagesCanBeSent(t *testing.T) {
	f := farEnd(t)
	files, err := filepath.Glob("../../examples/messages/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if code, out, problem := command(t, "send", file, "--to", f.address); code != 0 {
			t.Errorf("%s: %d\n%s%s", file, code, out, problem)
		}
	}
}

func TestAMistypedKeyOfAFileIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "message.yaml")
	if err := os.WriteFile(file, []byte("mti: '0200'\nfeilds: {2: '1'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, problem := command(t, "send", file); code != 65 || !strings.Contains(problem, "feilds") {
		t.Errorf("%d %s", code, problem)
	}
}

// A message that breaks the rules leaves only where a person insists.
func TestAsIsSendsWhatBreaksTheRules(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		payload, _, _ := iso.NewReader(bufio.NewReader(conn), iso.TerminalDialect().Framing()).ReadFrame(nil)
		came <- string(payload[:4])
		_ = conn.Close()
	}()
	defer l.Close()
	if code, _, _ := command(t, "send", "--mti=0200", "--as-is", "--to", l.Addr().String()); code != exitNoAnswer {
		t.Errorf("ended with %d", code)
	}
	if got := <-came; got != "0200" {
		t.Errorf("got %q", got)
	}
}
