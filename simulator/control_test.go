package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"treasury-switch/iso"
)

// call makes one request to the control port.
func (p *peer) call(method, path, body string, headers ...string) (status int, kind, text string) {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+p.sim.ControlAddr()+path,
		strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	response, err := client.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), string(all)
}

func TestControlBadInput(t *testing.T) {
	p := start(t, nil)
	p.setFaults(Faults{Drop: 7})
	tests := []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/faults", `{"drop":5,"lose":1}`, 400, `unknown key \"lose\"`},
		{"POST", "/faults", `{"Drop":5}`, 400, `unknown key \"Drop\"`},
		{"POST", "/faults", `{"drop":5,"drop":6}`, 400, "twice"},
		{"POST", "/faults", `{"drop":"5"}`, 400, "does not fit"},
		{"POST", "/faults", `{"drop":5.5}`, 400, "does not fit"},
		{"POST", "/faults", `{"drop":101}`, 400, "0 to 100"},
		{"POST", "/faults", `{"drop":60,"delay":50}`, 400, "together"},
		{"POST", "/faults", `{"drop":5} {}`, 400, "behind"},
		{"POST", "/faults", `{"drop":5`, 400, "not JSON"},
		{"POST", "/faults", `{"drop":`, 400, "not JSON"},
		{"POST", "/faults", `[]`, 400, "not a JSON object"},
		{"POST", "/faults", `drop=5`, 400, "not a JSON object"},
		{"POST", "/faults", `{"reversal_code":"` + strings.Repeat("9", maxBody) + `"}`, 413, "too large"},
		{"POST", "/cutover", `{"day":"1405-08-30x"}`, 400, "does not fit"},
		{"POST", "/cutover", `{"day":"2026-11-21"}`, 409, "already"},
		{"POST", "/cutover", `{"date":"2026-11-22"}`, 400, "unknown key"},
		{"GET", "/ledger?state=lost", "", 400, "debited or reversed"},
		{"GET", "/", "", 404, "/ledger"},
		{"GET", "/cutover", "", 405, "POST"},
		{"DELETE", "/faults", "", 405, "GET, POST"},
	}
	for _, test := range tests {
		status, kind, text := p.call(test.method, test.path, test.body)
		if status != test.status || kind != "application/problem+json" || !strings.Contains(text, test.says) {
			t.Errorf("%s %s %.40s: %d %s %s", test.method, test.path, test.body, status, kind, text)
		}
		var document problem
		if err := json.Unmarshal([]byte(text), &document); err != nil || document.Status != test.status {
			t.Errorf("%s %s: problem %+v, %v", test.method, test.path, document, err)
		}
	}
	if got := p.sim.Faults().Drop; got != 7 || p.sim.Day() != today {
		t.Errorf("bad input changed something: drop %d, day %s", got, p.sim.Day())
	}
	status, _, text := p.call("POST", "/faults", `{}`, "Sec-Fetch-Site", "cross-site")
	if status != 403 || p.sim.Faults().Drop != 7 {
		t.Errorf("a page of another site: %d %s", status, text)
	}
}

func TestControlFaults(t *testing.T) {
	p := start(t, nil)
	status, kind, text := p.call("POST", "/faults", `{"drop":5,"reversal_code":"91","reversal_count":3,"seed":42}`)
	if status != 200 || kind != "application/json" {
		t.Fatalf("%d %s %s", status, kind, text)
	}
	got := p.sim.Faults()
	if got.Drop != 5 || got.On != All || got.ReversalCode != "91" || got.ReversalCount != 3 || *got.Seed != 42 {
		t.Errorf("faults %+v", got)
	}
	if _, _, shown := p.call("GET", "/faults", ""); shown != text {
		t.Errorf("GET shows %s, POST showed %s", shown, text)
	}
	if status, _, text := p.call("POST", "/faults", ""); status != 200 || p.sim.Faults() != (Faults{On: All}) {
		t.Errorf("nothing switches all off: %d %s", status, text)
	}
}

func TestControlCutOver(t *testing.T) {
	p := start(t, nil)
	status, _, text := p.call("POST", "/cutover", "")
	if status != 200 || !strings.Contains(text, `"day": "2026-11-22"`) || !strings.Contains(text, `"told": 1`) {
		t.Fatalf("%d %s", status, text)
	}
	told := p.expect()
	if told.MTI.String() != "0800" || told.Get(iso.FieldManagement) != "201" || told.Get(iso.FieldSettlement) != "1122" ||
		told.Get(iso.FieldTransmission) != stampNow || told.Get(iso.FieldLocalTime) != "120000" || told.Get(iso.FieldLocalDate) != "1121" {
		t.Fatalf("cut-over message: %v", told)
	}
	acknowledged := p.management(cutOver)
	acknowledged.MTI = told.MTI.Answer()
	acknowledged.Unset(iso.FieldForwarder)
	acknowledged.Set(iso.FieldCode, "00")
	acknowledged.Set(iso.FieldReceiver, "581672000")
	p.send(acknowledged)
	if day := p.ask(p.purchase(goodCard)).Get(iso.FieldSettlement); day != "1122" || p.onlyDebit().Day != today.Add(1) {
		t.Errorf("after the cut-over F15 is %s, the debit's day %s", day, p.onlyDebit().Day)
	}
	p.ask(p.management(signOff))
	if status, _, text := p.call("POST", "/cutover", `{"day":"2026-12-01"}`); status != 200 ||
		!strings.Contains(text, `"told": 0`) || p.sim.Day() != today.Add(10) {
		t.Errorf("%d %s", status, text)
	}
	if left := p.rest(); len(left) != 0 {
		t.Errorf("a connection that signed off was told: %v", left)
	}
}

func TestControlLedger(t *testing.T) {
	p := start(t, nil)
	kept, reversed := p.purchase(goodCard), p.purchase("6037990000000022")
	p.ask(kept)
	p.ask(reversed)
	p.ask(p.reversal(reversed))
	for _, test := range []struct {
		query  string
		debits int
	}{{"", 2}, {"?state=debited", 1}, {"?state=reversed", 1}} {
		status, _, text := p.call("GET", "/ledger"+test.query, "")
		if status != 200 || strings.Contains(text, goodCard) || strings.Contains(text, "6037990000000022") {
			t.Fatalf("%d %s", status, text)
		}
		if n := strings.Count(text, `"pan":"603799******00`); n != test.debits {
			t.Errorf("%s: %d debits, want %d: %s", test.query, n, test.debits, text)
		}
		for _, want := range []string{`"debited": 1`, `"reversed": 1`, `"reversed_amount": 1476112`, `"day": "2026-11-21"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %s", test.query, want, text)
			}
		}
	}
	var ledger struct {
		Totals Totals
		Debits []json.RawMessage // A masked card number is none that can be read.
	}
	if _, _, text := p.call("GET", "/ledger", ""); json.Unmarshal([]byte(text), &ledger) != nil || ledger.Totals != p.sim.Totals() || len(ledger.Debits) != 2 {
		t.Errorf("the ledger reads as %+v", ledger)
	}
	if status, _, text := p.call("GET", "/totals", ""); status != 200 || !strings.Contains(text, `"reversed_amount": 1476112`) {
		t.Errorf("totals: %d %s", status, text)
	}
	if status, _, text := p.call("GET", "/healthz", ""); status != 200 || !strings.Contains(text, `"links": 1`) {
		t.Errorf("health: %d %s", status, text)
	}
}
