package iso

import "math/bits"

// UnpackError tells how far a message could be read. Its text names fields and never their content.
type UnpackError struct {
	// MTIReadable and BitmapReadable tell whether the two could be read. If one could not, nothing of the message can
	// be trusted.
	MTIReadable, BitmapReadable bool
	// Field is the first field that could not be read, or 0 if the fields were read but bytes were left over, or if
	// Field has no meaning.
	Field int
	// Path names the place for people: "mti", "bitmap", "field 35", "end".
	Path string
	// Reason is what was wrong there.
	Reason string
}

// Error names the place and the reason.
func (e *UnpackError) Error() string { return "unpack " + e.Path + ": " + e.Reason }

// MustClose reports whether the connection has to be closed: message type or bitmap could not be read, so that no
// answer can be made. Otherwise the message is answered with response code 30.
func (e *UnpackError) MustClose() bool { return !e.MTIReadable || !e.BitmapReadable }

// Unpack reads the packed message raw into m and replaces what m held. The error is an *UnpackError; m then holds
// what was readable before the fault, so that an answer can echo it. The content of the fields is not checked: see
// Check.
func (d *Dialect) Unpack(raw []byte, m *Message) error {
	m.Reset()
	mask, start, err := readHead(raw, m)
	if err != nil {
		return err
	}
	if !d.byMoov && d.unpack(raw, start, mask, m) {
		return nil
	}
	return d.unpackByMoov(raw, start, mask, m)
}

// readHead reads message type and bitmaps and returns the announced fields and their offset. It comes before moov's
// own reader, which would follow bitmaps without end and could not tell which of the two was unreadable.
func readHead(raw []byte, m *Message) (mask fieldMask, start int, err error) {
	if len(raw) < mtiLength {
		return mask, 0, &UnpackError{Path: "mti", Reason: "cut short"}
	}
	if m.MTI, err = ParseMTI(string(raw[:mtiLength])); err != nil {
		return mask, 0, &UnpackError{Path: "mti", Reason: "not four digits"}
	}
	start = mtiLength
	for half, more := 0, true; more; half++ {
		if half == len(mask) {
			return mask, 0, badBitmap("a third one is announced")
		}
		if len(raw) < start+bitmapLength {
			return mask, 0, badBitmap("cut short")
		}
		word, ok := parseBitmap(raw[start : start+bitmapLength])
		if !ok {
			return mask, 0, badBitmap("not hex digits")
		}
		start += bitmapLength
		more = word&1 != 0
		mask[half] = word &^ 1
	}
	if mask.empty() {
		return mask, 0, badBitmap("no field is announced")
	}
	return mask, start, nil
}

func badBitmap(reason string) error {
	return &UnpackError{MTIReadable: true, Path: "bitmap", Reason: reason}
}

// parseBitmap reads 16 hex digits of either case, whose most significant bit is the first field, as a word of a
// fieldMask.
func parseBitmap(digits []byte) (word uint64, ok bool) {
	for _, c := range digits {
		nibble := unhex[c]
		if nibble == noHex {
			return 0, false
		}
		word = word<<4 | uint64(nibble)
	}
	return bits.Reverse64(word), true
}
