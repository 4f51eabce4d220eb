package main

import (
	"strings"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	if got := ratio(6, 4); got != 1.5 {
		t.Errorf("6/4 is %v", got)
	}
	if got := ratio(6, 0); got != 0 {
		t.Errorf("a ratio to what was not measured is %v", got)
	}
}

// printed is what pgbench of PostgreSQL 15 says.
const printed = `pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: <builtin: TPC-B (sort of)>
scaling factor: 100
query mode: prepared
number of clients: 16
number of threads: 2
maximum number of tries: 1
duration: 15 s
number of transactions actually processed: 48201
number of failed transactions: 0 (0.000%)
latency average = 4.979 ms
initial connection time = 13.161 ms
tps = 3213.456789 (without initial connection time)
`

func TestParseTPS(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want float64
		says string
	}{
		"PostgreSQL 15": {printed, 3213.456789, ""},
		"PostgreSQL 13": {"tps = 90.5 (including connections establishing)\ntps = 99.5 (excluding connections establishing)\n", 99.5, ""},
		"failures":      {strings.Replace(printed, "transactions: 0 (0.000%)", "transactions: 7 (0.015%)", 1), 0, "7 transactions failed"},
		"nothing":       {"pgbench: error: connection to server failed", 0, "did not print its rate"},
		"zero":          {"tps = 0 (without initial connection time)", 0, "rate \"0\""},
	} {
		got, err := parseTPS(c.text)
		if got != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestCodecMessages: the messages that are measured are ones that both dialects take.
func TestCodecMessages(t *testing.T) {
	costs, err := measureCodec(time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if len(costs) != 8 {
		t.Fatalf("%d costs", len(costs))
	}
	for _, c := range costs {
		if c.NS <= 0 || c.Op != "pack" && c.Op != "unpack" {
			t.Errorf("%+v", c)
		}
	}
}
