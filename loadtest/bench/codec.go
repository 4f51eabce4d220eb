package main

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"treasury-switch/iso"
)

// codecCost is what packing or unpacking one message costs.
type codecCost struct {
	Dialect string  `json:"dialect"`
	MTI     string  `json:"mti"`
	Op      string  `json:"op"` // pack or unpack
	NS      float64 `json:"ns"`
	Bytes   int64   `json:"bytes"`  // allocated
	Allocs  int64   `json:"allocs"` // allocations
}

// measureCodec packs and unpacks a purchase and its answer in both dialects for a given time each, reusing buffers as the
// product does.
func measureCodec(duration time.Duration) ([]codecCost, error) {
	testing.Init() // It defines the flag for the time.
	if err := flag.Set("test.benchtime", duration.String()); err != nil {
		return nil, fmt.Errorf("measure the codec: %w", err)
	}
	var all []codecCost
	for _, one := range []struct {
		dialect *iso.Dialect
		message *iso.Message
	}{
		{iso.TerminalDialect(), message(iso.MTIPurchase, terminalPurchase)},
		{iso.TerminalDialect(), message(iso.MTIPurchaseAnswer, terminalAnswer)},
		{iso.ShetabDialect(), message(iso.MTIPurchase, networkPurchase)},
		{iso.ShetabDialect(), message(iso.MTIPurchaseAnswer, networkAnswer)},
	} {
		costs, err := codecCosts(one.dialect, one.message)
		if err != nil {
			return nil, err
		}
		all = append(all, costs...)
	}
	return all, nil
}

func codecCosts(d *iso.Dialect, m *iso.Message) ([]codecCost, error) {
	raw, err := d.Pack(nil, m)
	if err != nil {
		return nil, fmt.Errorf("pack the %s of %s: %w", m.MTI, d.Name(), err)
	}
	var failure error
	buffer := raw
	pack := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if buffer, failure = d.Pack(buffer[:0], m); failure != nil {
				return
			}
		}
	})
	raw = buffer
	var out iso.Message
	unpack := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if failure == nil {
				failure = d.Unpack(raw, &out)
			}
		}
	})
	if failure != nil {
		return nil, fmt.Errorf("the %s of %s: %w", m.MTI, d.Name(), failure)
	}
	return []codecCost{cost(d, m, "pack", pack), cost(d, m, "unpack", unpack)}, nil
}

func cost(d *iso.Dialect, m *iso.Message, op string, r testing.BenchmarkResult) codecCost {
	return codecCost{Dialect: d.Name(), MTI: m.MTI.String(), Op: op, NS: float64(r.T.Nanoseconds()) / float64(max(r.N, 1)),
		Bytes: r.AllocedBytesPerOp(), Allocs: r.AllocsPerOp()}
}

func message(mti iso.MTI, fields map[int]string) *iso.Message {
	m := &iso.Message{MTI: mti}
	for f, v := range fields {
		m.Set(f, v)
	}
	return m
}

// Typical messages, by the rules of docs/wire.md.
var (
	terminalPurchase = map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121102233", 11: "000123", 12: "135233", 13: "1121",
		22: "021", 25: "14", 32: "581672000", 35: "6037990000000014=07011234567890", 37: "000000000123", 41: "10100001",
		42: "000000000000101", 48: "SVC008PASSPORT", 49: "364", 52: "\x01\x23\x45\x67\x89\xab\xcd\xef", 53: "0000000000000001",
	}
	terminalAnswer = map[int]string{
		3: "000000", 4: "000001476112", 7: "1121102235", 11: "000123", 12: "135233", 13: "1121", 15: "1121",
		37: "540900000123", 38: "123456", 39: "00", 41: "10100001", 42: "000000000000101", 48: "TRK0161405830300000017",
		49: "364",
	}
	networkPurchase = map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121084507", 11: "000018", 12: "235959", 13: "1120",
		17: "1121", 18: "9399", 19: "364", 22: "021", 25: "14", 26: "12", 32: "581672000", 35: "6037990000000014=07011234567890",
		37: "524400000017", 41: "10100001", 42: "000000000000101", 43: iso.ShetabDialect().EncodePlace(place),
		48: "  000000          00000000000000000000000000", 49: "364", 52: "\x01\x23\x45\x67\x89\xab\xcd\xef",
		53: "0000000000000001", 100: "999999",
	}
	networkAnswer = map[int]string{
		2: "6037990000000014", 3: "000000", 4: "000001476112", 7: "1121084509", 11: "000018", 12: "235959", 13: "1120",
		15: "1121", 32: "581672000", 33: "999999", 37: "524400000017", 38: "123456", 39: "00", 41: "10100001",
		42: "000000000000101", 49: "364",
	}
	place = iso.Place{Name: "پلیس گذرنامه", City: "تهران", Country: "IR"}
)
