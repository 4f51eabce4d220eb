package identity

import (
	"strings"

	"treasury-switch/internal/fault"
)

// track2Max is the longest track 2 in characters: field 35 is z..37.
const track2Max = 37

var (
	errTrack2Form = fault.New(fault.Invalid, "track 2: %w", ErrForm)
	errPINForm    = fault.New(fault.Invalid, "PIN block: %w", ErrForm)
	errCVV2Form   = fault.New(fault.Invalid, "CVV2: %w", ErrForm)
)

// Track2 is the magnetic stripe's second track as field 35 carries it (ISO/IEC
// 7813, without sentinels): card number, separator, expiry, service code and
// discretionary data. Nothing of it is ever printed.
type Track2 struct {
	redacted
	masked    [track2Max]byte // the characters XOR byteMask
	length    uint8
	separator uint8 // position of the separator: the length of the card number
}

// ParseTrack2 reads a track 2 of at most 37 characters: 12 to 19 digits, '='
// or 'D', an expiry of four digits, and digits after it. It fails with
// ErrForm. The card number's check digit is PAN's business. It does not
// allocate.
func ParseTrack2(s string) (Track2, error) {
	at := strings.IndexAny(s, "=D")
	if at < panMin || at > panMax || len(s) < at+5 || len(s) > track2Max {
		return Track2{}, errTrack2Form
	}
	t := Track2{length: uint8(len(s)), separator: uint8(at)}
	for i := 0; i < len(s); i++ {
		if i != at && (s[i] < '0' || s[i] > '9') {
			return Track2{}, errTrack2Form
		}
		t.masked[i] = s[i] ^ byteMask[i]
	}
	return t, nil
}

// Reveal returns the track as it was read. Only the wire may ask.
func (t Track2) Reveal() string {
	var buffer [track2Max]byte
	return string(t.characters(&buffer))
}

func (t Track2) characters(buffer *[track2Max]byte) []byte {
	for i := range t.length {
		buffer[i] = t.masked[i] ^ byteMask[i]
	}
	return buffer[:t.length]
}

// PAN returns the card number of the track, or ErrLuhn.
func (t Track2) PAN() (PAN, error) {
	var buffer [track2Max]byte
	return ParsePAN(string(t.characters(&buffer)[:t.separator]))
}

// Expiry returns the four digits after the separator, yymm as printed on the
// card (Jalali on Iranian cards); empty for no track.
func (t Track2) Expiry() string {
	if t.IsZero() {
		return ""
	}
	var buffer [track2Max]byte
	return string(t.characters(&buffer)[t.separator+1 : t.separator+5])
}

// IsZero reports whether there is no track.
func (t Track2) IsZero() bool { return t.length == 0 }

// PINBlock is an enciphered PIN block: 8 bytes, as field 52 carries them (ISO
// 9564-1). Nothing of it is ever printed.
type PINBlock struct {
	redacted
	masked  uint64
	present bool
}

// ParsePINBlock reads 16 hexadecimal digits of either case, or ErrForm.
func ParsePINBlock(s string) (PINBlock, error) {
	if len(s) != 16 {
		return PINBlock{}, errPINForm
	}
	var word uint64
	for i := 0; i < len(s); i++ {
		digit := strings.IndexByte(hexDigits, s[i])
		if digit < 0 && s[i] >= 'a' && s[i] <= 'f' {
			digit = int(s[i]-'a') + 10
		}
		if digit < 0 {
			return PINBlock{}, errPINForm
		}
		word = word<<4 | uint64(digit)
	}
	return PINBlock{masked: word ^ wordMask, present: true}, nil
}

const hexDigits = "0123456789ABCDEF"

// Reveal returns the 16 hexadecimal digits in upper case; empty for no block.
func (b PINBlock) Reveal() string {
	if !b.present {
		return ""
	}
	word := b.masked ^ wordMask
	var text [16]byte
	for i := range text {
		text[i] = hexDigits[word>>(60-4*i)&0xF]
	}
	return string(text[:])
}

// IsZero reports whether there is no PIN block.
func (b PINBlock) IsZero() bool { return !b.present }

// CVV2 is the card verification value printed on the card, three or four
// digits. Nothing of it is ever printed, and it is never stored (PCI DSS 3.3.1).
type CVV2 struct {
	redacted
	masked uint64
	length uint8
}

// ParseCVV2 reads three or four Latin digits, or ErrForm.
func ParseCVV2(s string) (CVV2, error) {
	if len(s) < 3 || len(s) > 4 {
		return CVV2{}, errCVV2Form
	}
	var number uint64
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return CVV2{}, errCVV2Form
		}
		number = number*10 + uint64(s[i]-'0')
	}
	return CVV2{masked: number ^ wordMask, length: uint8(len(s))}, nil
}

// Reveal returns the digits; empty for no value. Only the wire may ask.
func (c CVV2) Reveal() string {
	number := c.masked ^ wordMask
	text := make([]byte, c.length)
	for i := len(text) - 1; i >= 0; i-- {
		text[i] = byte('0' + number%10)
		number /= 10
	}
	return string(text)
}

// IsZero reports whether there is no value.
func (c CVV2) IsZero() bool { return c.length == 0 }
