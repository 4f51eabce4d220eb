package sealed

import (
	"sync"

	"treasury-switch/internal/fault"
	"treasury-switch/iso"
)

// Frame is a frame to be written. Its memory is reused: call Release once it is copied into the output.
type Frame struct{ bytes []byte }

// usualFrame is room for most frames; largestKept bounds the memory that a longer one keeps after use.
const (
	usualFrame  = 1 << 10
	largestKept = 8 << 10
)

var frames = sync.Pool{New: func() any { return &Frame{bytes: make([]byte, 0, usualFrame)} }}

// Frame makes the frame of a message as Append does.
func (c Codec) Frame(m *iso.Message, tpdu iso.TPDU) (*Frame, error) {
	f := frames.Get().(*Frame)
	framed, err := c.Append(f.bytes, m, tpdu)
	return f.holding(framed, err)
}

// FramePayload frames bytes that are packed already.
func (c Codec) FramePayload(payload []byte, tpdu iso.TPDU) (*Frame, error) {
	f := frames.Get().(*Frame)
	framed, err := iso.AppendFrame(f.bytes, payload, c.Framing, tpdu)
	if err != nil {
		err = fault.New(fault.Invalid, "framing %d bytes: %w", len(payload), err)
	}
	return f.holding(framed, err)
}

// holding fills the frame, or releases it after an error.
func (f *Frame) holding(bytes []byte, err error) (*Frame, error) {
	f.bytes = bytes
	if err != nil {
		f.Release()
		return nil, err
	}
	return f, nil
}

// AppendTo appends the frame to the output.
func (f *Frame) AppendTo(out []byte) []byte { return append(out, f.bytes...) }

// Release wipes the frame, which may hold a card number, and recycles its memory. The frame must not be used
// afterwards.
func (f *Frame) Release() {
	clear(f.bytes)
	if cap(f.bytes) > largestKept {
		return
	}
	f.bytes = f.bytes[:0]
	frames.Put(f)
}
