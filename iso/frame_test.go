package iso

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReadFrame(t *testing.T) {
	tests := []struct {
		name    string
		framing Framing
		stream  string
		want    string
		tpdu    TPDU
		err     error
	}{
		{"two bytes", Framing{}, "\x00\x04abcd", "abcd", TPDU{}, nil},
		{"four digits", Framing{Kind: ASCII4}, "0004abcd", "abcd", TPDU{}, nil},
		{"tpdu", Framing{Kind: Length2TPDU}, "\x00\x09\x60\x00\x01\x00\x02abcd", "abcd", TPDU{0x60, 0, 1, 0, 2}, nil},
		{"at the limit", Framing{Max: 4}, "\x00\x04abcd", "abcd", TPDU{}, nil},
		{"clean end", Framing{}, "", "", TPDU{}, io.EOF},
		{"end inside the length", Framing{}, "\x00", "", TPDU{}, io.ErrUnexpectedEOF},
		{"end before the payload", Framing{}, "\x00\x04", "", TPDU{}, io.ErrUnexpectedEOF},
		{"end inside the payload", Framing{}, "\x00\x04ab", "", TPDU{}, io.ErrUnexpectedEOF},
		{"end inside the tpdu", Framing{Kind: Length2TPDU}, "\x00\x09\x60", "", TPDU{}, io.ErrUnexpectedEOF},
		{"L2 zero", Framing{}, "\x00\x00abcd", "", TPDU{}, ErrKeepAlive},
		{"L2 zero digits", Framing{Kind: ASCII4}, "0000abcd", "", TPDU{}, ErrKeepAlive},
		{"L2 zero with a tpdu", Framing{Kind: Length2TPDU}, "\x00\x00abcd", "", TPDU{}, ErrKeepAlive},
		{"L2 tpdu alone", Framing{Kind: Length2TPDU}, "\x00\x05\x60\x00\x01\x00\x02", "", TPDU{}, ErrEmptyFrame},
		{"L2 huge", Framing{}, "\xff\xff", "", TPDU{}, ErrFrameTooLong},
		{"L2 one over the default", Framing{}, "\x10\x01", "", TPDU{}, ErrFrameTooLong},
		{"L2 one over a limit", Framing{Max: 4}, "\x00\x05abcde", "", TPDU{}, ErrFrameTooLong},
		{"not digits", Framing{Kind: ASCII4}, "GET / HTTP", "", TPDU{}, ErrFrameLength},
		{"sign", Framing{Kind: ASCII4}, "+004abcd", "", TPDU{}, ErrFrameLength},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			payload, tpdu, err := NewReader(strings.NewReader(test.stream), test.framing).ReadFrame(nil)
			if !errors.Is(err, test.err) {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && (string(payload) != test.want || tpdu != test.tpdu) {
				t.Errorf("frame %q % x, want %q % x", payload, tpdu, test.want, test.tpdu)
			}
		})
	}
}

func TestReadFrameReusesTheBuffer(t *testing.T) {
	buf := make([]byte, 0, 16)
	r := NewReader(strings.NewReader("\x00\x03abc\x00\x02de"), Framing{})
	first, _, err := r.ReadFrame(buf)
	if err != nil || string(first) != "abc" || &first[0] != &buf[:1][0] {
		t.Fatalf("first frame %q, %v, or another buffer", first, err)
	}
	if second, _, err := r.ReadFrame(buf); err != nil || string(second) != "de" {
		t.Fatalf("second frame %q, %v", second, err)
	}
}

func TestAppendFrame(t *testing.T) {
	tpdu := TPDU{0x60, 0, 1, 0, 2}
	for _, framing := range []Framing{{}, {Kind: ASCII4}, {Kind: Length2TPDU}, {Max: 9, Kind: Length2TPDU}} {
		out, err := AppendFrame([]byte("before"), []byte("abcd"), framing, tpdu)
		if err != nil {
			t.Fatal(err)
		}
		payload, _, err := NewReader(bytes.NewReader(out[len("before"):]), framing).ReadFrame(nil)
		if err != nil || string(payload) != "abcd" {
			t.Errorf("%s: %q, %v", framing.Kind, payload, err)
		}
	}
	if _, err := AppendFrame(nil, nil, Framing{}, tpdu); !errors.Is(err, ErrEmptyFrame) {
		t.Errorf("empty payload: %v", err)
	}
	if _, err := AppendFrame(nil, []byte("abcde"), Framing{Kind: Length2TPDU, Max: 9}, tpdu); !errors.Is(err, ErrFrameTooLong) {
		t.Errorf("payload over the limit with its TPDU: %v", err)
	}
	if got, want := (TPDU{1, 2, 3, 4, 5}).Answer(), (TPDU{1, 4, 5, 2, 3}); got != want {
		t.Errorf("answer's TPDU % x, want % x", got, want)
	}
}

func TestFramingNames(t *testing.T) {
	for _, kind := range []FramingKind{Length2, ASCII4, Length2TPDU} {
		if back, err := ParseFraming(kind.String()); err != nil || back != kind {
			t.Errorf("%s: %v, %v", kind, back, err)
		}
	}
	if _, err := ParseFraming("length4"); err == nil {
		t.Error("an unknown name was read")
	}
}

// TestWhole: a frame can be read without waiting when its last byte is there, and not before; one that is refused is never whole.
func TestWhole(t *testing.T) {
	for _, c := range []struct {
		framing Framing
		stream  string
		whole   int // bytes that make it whole; 0: never
	}{
		{Framing{}, "\x00\x04abcd", 6}, {Framing{}, "\x00\x04abcd\x00", 6}, {Framing{}, "\x00\x00", 2},
		{Framing{Max: 4}, "\x00\x04abcd", 6}, {Framing{Max: 4}, "\x00\x05abcde", 0},
		{Framing{Kind: ASCII4}, "0004abcd", 8}, {Framing{Kind: ASCII4}, "000:abcdabcdabcd", 0}, {Framing{Kind: ASCII4}, "00/4abcdabcdabcd", 0},
		{Framing{Kind: Length2TPDU}, "\x00\x09\x60\x00\x01\x00\x02abcd", 11},
	} {
		for n := range len(c.stream) + 1 {
			if got, want := c.framing.Whole([]byte(c.stream[:n])), c.whole > 0 && n >= c.whole; got != want {
				t.Errorf("%+v: %d bytes of %q are whole: %t", c.framing, n, c.stream, got)
			}
		}
	}
}

// TestFramesThatHoldNothing are not written: a header alone is none, and where there is no header five bytes are a message.
func TestFramesThatHoldNothing(t *testing.T) {
	for kind, frame := range map[FramingKind]string{Length2: "\x00\x05abcde", ASCII4: "0005abcde", Length2TPDU: "\x00\x0a\x00\x00\x00\x00\x00abcde"} {
		if got, err := AppendFrame(nil, []byte("abcde"), Framing{Kind: kind}, TPDU{}); err != nil || string(got) != frame {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
		for _, payload := range []string{"", strings.Repeat("x", 513)} {
			before := make([]byte, 4, 1024)
			got, err := AppendFrame(before, []byte(payload), Framing{Kind: kind, Max: 512}, TPDU{})
			if err == nil || len(got) != 4 || strings.Trim(string(before[4:cap(before)]), "\x00") != "" {
				t.Errorf("%s: %d bytes of payload leave %d, %v", kind, len(payload), len(got), err)
			}
		}
	}
	if name := FramingKind(3).String(); name != "unknown" {
		t.Errorf("a framing that does not exist is %s", name)
	}
}

// FuzzFrame reads frames until the stream ends or is out of step: it must end,
// and nothing longer than the limit may be handed out.
func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x00\x04abcd\x00\x00"), uint8(0))
	f.Add([]byte("0004abcd9999"), uint8(1))
	f.Add([]byte("\x00\x09\x60\x00\x01\x00\x02abcd\xff\xff"), uint8(2))
	f.Fuzz(func(t *testing.T, stream []byte, kind uint8) {
		framing := Framing{Kind: FramingKind(kind % 3), Max: 512}
		r := NewReader(bytes.NewReader(stream), framing)
		for range len(stream) + 1 {
			payload, tpdu, err := r.ReadFrame(nil)
			if err != nil {
				return
			}
			if len(payload) == 0 || cap(payload) > 512 {
				t.Fatalf("a frame of %d bytes in %d", len(payload), cap(payload))
			}
			if _, err := AppendFrame(nil, payload, framing, tpdu); err != nil {
				t.Fatalf("cannot be framed again: %v", err)
			}
		}
		t.Fatal("more frames than bytes")
	})
}
