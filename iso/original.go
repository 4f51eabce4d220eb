package iso

import (
	"fmt"
	"strings"

	"treasury-switch/internal/digits"
)

// OriginalData is field 90: the message that a reversal or an inquiry refers to.
type OriginalData struct {
	MTI MTI
	// STAN is the original's F11, six digits.
	STAN string
	// Stamp is the original's F7, MMDDhhmmss, or ten zeros if unknown.
	Stamp string
	// Acquirer and Forwarder are the original's F32 and F33 without leading zeros; "" if absent.
	Acquirer, Forwarder string
}

// originalLength is 4 + 6 + 10 + 11 + 11 digits.
const originalLength = 42

// noStamp is an unknown time.
const noStamp = "0000000000"

// HasStamp reports whether the original's time is known.
func (o OriginalData) HasStamp() bool { return o.Stamp != "" && o.Stamp != noStamp }

// ParseOriginalData reads the 42 digits of field 90.
func ParseOriginalData(s string) (OriginalData, error) {
	if len(s) != originalLength || !digits.Only(s) {
		return OriginalData{}, fmt.Errorf("original data: not %d digits", originalLength)
	}
	mti, err := ParseMTI(s[:4])
	if err != nil {
		return OriginalData{}, err
	}
	o := OriginalData{
		MTI: mti, STAN: s[4:10], Stamp: s[10:20],
		Acquirer: strings.TrimLeft(s[20:31], "0"), Forwarder: strings.TrimLeft(s[31:], "0"),
	}
	if mti.Class() == 0 {
		return OriginalData{}, fmt.Errorf("original data: no message type")
	}
	if o.HasStamp() && formStamp.reject(o.Stamp) != "" {
		return OriginalData{}, fmt.Errorf("original data: time %s", formStamp.reject(o.Stamp))
	}
	return o, nil
}

// Format returns the 42 digits: each part right-justified with zeros.
func (o OriginalData) Format() string {
	return o.MTI.String() + zeros(o.STAN, 6) + zeros(o.Stamp, 10) + zeros(o.Acquirer, 11) + zeros(o.Forwarder, 11)
}

// zeros right-justifies s in n characters; a longer s keeps its last n.
func zeros(s string, n int) string {
	if len(s) >= n {
		return s[len(s)-n:]
	}
	return strings.Repeat("0", n-len(s)) + s
}
