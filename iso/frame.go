package iso

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// FramingKind is how the length of a message is sent on a stream.
type FramingKind uint8

const (
	// Length2 is two bytes, big-endian, before the message. It is the default.
	Length2 FramingKind = iota
	// ASCII4 is four ASCII digits before the message.
	ASCII4
	// Length2TPDU is Length2 with a 5-byte TPDU behind the length; the length
	// counts the TPDU.
	Length2TPDU
)

// DefaultMaxFrame is the longest frame, in bytes after the length, if Framing.Max is zero.
const DefaultMaxFrame = 4096

// Errors after which the stream is out of step: the connection is closed.
var (
	ErrFrameTooLong = errors.New("frame longer than the limit")
	ErrEmptyFrame   = errors.New("empty frame")
	ErrFrameLength  = errors.New("frame length is not four digits")
)

// ErrKeepAlive is a frame of length zero. It is an ErrEmptyFrame, unless the two sides have agreed on such frames to
// keep a connection open: then the stream goes on after it.
var ErrKeepAlive = fmt.Errorf("%w: its length is zero", ErrEmptyFrame)

// Framing is how messages are delimited on a stream.
type Framing struct {
	Kind FramingKind
	// Max is the longest frame in bytes, without the length itself and with the
	// TPDU if there is one. Zero means DefaultMaxFrame.
	Max int
}

// ParseFraming reads the names that dialect files and settings use: "length2",
// "ascii4" and "length2-tpdu".
func ParseFraming(name string) (FramingKind, error) {
	for kind, known := range framingNames {
		if name == known {
			return FramingKind(kind), nil
		}
	}
	return 0, fmt.Errorf("unknown framing %q", name)
}

var framingNames = [...]string{"length2", "ascii4", "length2-tpdu"}

// String returns the name that ParseFraming reads.
func (k FramingKind) String() string {
	if int(k) < len(framingNames) {
		return framingNames[k]
	}
	return "unknown"
}

// TPDU is the 5-byte transport header of terminal concentrators: an
// identifier, the destination (2 bytes) and the source (2 bytes).
type TPDU [5]byte

// Answer returns the header of the answer: source and destination exchanged.
func (t TPDU) Answer() TPDU { return TPDU{t[0], t[3], t[4], t[1], t[2]} }

func (f Framing) max() int {
	limit := f.Max
	if limit <= 0 {
		limit = DefaultMaxFrame
	}
	if f.Kind == ASCII4 {
		return min(limit, 9999)
	}
	return min(limit, 65535)
}

// Reader reads frames from a stream. It reads exactly the bytes of a frame; use a bufio.Reader below it for fewer
// system calls.
type Reader struct {
	source  io.Reader
	framing Framing
	head    [5]byte
}

// NewReader makes a Reader over r.
func NewReader(r io.Reader, f Framing) *Reader { return &Reader{source: r, framing: f} }

// ReadFrame reads one frame into buf, or into a new slice if buf is too small; nothing longer than the limit is ever
// allocated. The TPDU is zero unless the framing has one.
//
// The error is io.EOF only between two frames. ErrFrameTooLong, ErrEmptyFrame and ErrFrameLength, like every other
// error, mean that the stream is out of step and must be closed. After an ErrKeepAlive it is in step.
func (r *Reader) ReadFrame(buf []byte) (payload []byte, tpdu TPDU, err error) {
	n, err := r.readLength()
	if err != nil {
		return nil, tpdu, err
	}
	if n == 0 {
		return nil, tpdu, ErrKeepAlive
	}
	if n > r.framing.max() {
		return nil, tpdu, fmt.Errorf("%w: %d bytes of %d", ErrFrameTooLong, n, r.framing.max())
	}
	if r.framing.Kind == Length2TPDU {
		if n <= len(tpdu) {
			return nil, tpdu, ErrEmptyFrame
		}
		if err := r.full(tpdu[:]); err != nil {
			return nil, tpdu, err
		}
		n -= len(tpdu)
	}
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	return buf, tpdu, r.full(buf)
}

// readLength reads the length before a frame.
func (r *Reader) readLength() (int, error) {
	head := r.head[:r.framing.lengthBytes()]
	if _, err := io.ReadFull(r.source, head); err != nil {
		return 0, err
	}
	return r.framing.parseLength(head)
}

// full fills p. The end of the stream inside a frame is never a clean end.
func (r *Reader) full(p []byte) error {
	_, err := io.ReadFull(r.source, p)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Whole reports whether the bytes begin with a whole frame, which can be read without waiting. For a refused length
// it is false.
func (f Framing) Whole(ahead []byte) bool {
	head := f.lengthBytes()
	if len(ahead) < head {
		return false
	}
	n, err := f.parseLength(ahead[:head])
	return err == nil && n <= f.max() && len(ahead)-head >= n
}

// lengthBytes is how many bytes the length before a frame takes.
func (f Framing) lengthBytes() int {
	if f.Kind == ASCII4 {
		return 4
	}
	return 2
}

// parseLength reads the length before a frame.
func (f Framing) parseLength(head []byte) (int, error) {
	if f.Kind != ASCII4 {
		return int(binary.BigEndian.Uint16(head)), nil
	}
	n := 0
	for _, c := range head {
		if c < '0' || c > '9' {
			return 0, ErrFrameLength
		}
		n = n*10 + int(c-'0')
	}
	return n, nil
}

// AppendFrame appends payload to dst after its length. The TPDU is written only if the framing has one; an answer
// carries TPDU.Answer of its request.
func AppendFrame(dst, payload []byte, f Framing, tpdu TPDU) ([]byte, error) {
	from := len(dst)
	out := append(BeginFrame(dst, f, tpdu), payload...)
	if err := EndFrame(out[from:], f); err != nil {
		clear(out[from:])
		return dst, err
	}
	return out, nil
}

// BeginFrame appends the head of a frame, with room for its length. The caller appends the payload, and EndFrame
// fills in the length.
func BeginFrame(dst []byte, f Framing, tpdu TPDU) []byte {
	switch f.Kind {
	case ASCII4:
		return append(dst, 0, 0, 0, 0)
	case Length2TPDU:
		return append(append(dst, 0, 0), tpdu[:]...)
	}
	return append(dst, 0, 0)
}

// EndFrame writes the length of a frame from BeginFrame with its payload. The error is ErrEmptyFrame or
// ErrFrameTooLong.
func EndFrame(frame []byte, f Framing) error {
	head := f.lengthBytes()
	n := len(frame) - head
	switch {
	case n == 0, f.Kind == Length2TPDU && n == len(TPDU{}):
		return ErrEmptyFrame
	case n > f.max():
		return fmt.Errorf("%w: %d bytes of %d", ErrFrameTooLong, n, f.max())
	case f.Kind == ASCII4:
		appendDecimal(frame[:0], n, head)
	default:
		binary.BigEndian.PutUint16(frame, uint16(n))
	}
	return nil
}
