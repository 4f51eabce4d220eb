package server

import (
	"net"
	"testing"

	"treasury-switch/iso"
	"treasury-switch/iso/isotest"
	"treasury-switch/iso/sealed"
)

// BenchmarkEcho is a message's way through a server: read, handled, answered and
// written, with a window of messages in flight on one connection. The far end's
// own work, one write and one read of bytes for a window, is in the figure.
func BenchmarkEcho(b *testing.B) {
	for _, window := range []int{1, 64} {
		b.Run(map[int]string{1: "alone", 64: "window64"}[window], func(b *testing.B) { benchmarkEcho(b, window) })
	}
}

func benchmarkEcho(b *testing.B, window int) {
	s, err := New(Config{Name: "bench", Dialect: iso.TerminalDialect(), Direction: iso.ToSwitch, Handler: approve})
	if err != nil {
		b.Fatal(err)
	}
	l := isotest.Listen(b)
	isotest.Serve(b, s, l)
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	codec := sealed.Codec{Dialect: iso.TerminalDialect()}
	var batch []byte
	for i := range window {
		if batch, err = codec.Append(batch, echo(i), iso.TPDU{}); err != nil {
			b.Fatal(err)
		}
	}
	answer, err := codec.Append(nil, approve(b.Context(), nil, echo(0)), iso.TPDU{})
	if err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, 1<<16)
	b.ReportAllocs()
	for done := 0; done < b.N; done += window {
		if _, err := conn.Write(batch); err != nil {
			b.Fatal(err)
		}
		for got := 0; got < window*len(answer); {
			n, err := conn.Read(buffer)
			if err != nil {
				b.Fatal(err)
			}
			got += n
		}
	}
}
