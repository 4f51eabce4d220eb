package iso

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"treasury-switch/internal/digits"
)

// plainFields may be shown when a Message is printed without a dialect. Every other field shows its length only, F2
// its first six and last four.
var plainFields = maskOf(3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 17, 18, 19, 22, 23, 25, 26, 32, 33, 37, 38, 39, 41, 42,
	49, 50, 51, 66, 70, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 95, 97, 99, 100)

func maskOf(fields ...int) fieldMask {
	var mask fieldMask
	for _, f := range fields {
		mask.add(f)
	}
	return mask
}

// masked returns the displayable part of a field without a dialect.
func masked(f int, value string) string {
	switch {
	case f == FieldPAN:
		return maskedPAN(value)
	case plainFields.has(f):
		return clean(value)
	}
	return lengthOnly(value)
}

// maskedPAN returns the first six and last four digits of a card number, and nothing of a value that does not look
// like one (PCI DSS 3.4.1).
func maskedPAN(value string) string {
	if len(value) < 12 || len(value) > 19 || !digits.Only(value) {
		return lengthOnly(value)
	}
	return value[:6] + strings.Repeat("*", len(value)-10) + value[len(value)-4:]
}

// lengthOnly returns "[37 bytes]".
func lengthOnly(value string) string { return "[" + strconv.Itoa(len(value)) + " bytes]" }

// clean replaces characters that would disturb a line of a log or a terminal.
func clean(value string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7E {
			return '?'
		}
		return r
	}, value)
}

// String returns the message on one line, masked: "0200 F2=603799******0014 F3=000000 F35=[37 bytes]".
func (m Message) String() string {
	var out strings.Builder
	out.WriteString(m.MTI.String())
	for f, value := range m.Fields() {
		fmt.Fprintf(&out, " F%d=%s", f, masked(f, value))
	}
	return out.String()
}

// GoString masks like String.
func (m Message) GoString() string { return m.String() }

// Format masks like String for every verb.
func (m Message) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// LogValue returns the message as a group of masked fields.
func (m Message) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("mti", m.MTI.String())}
	for f, value := range m.Fields() {
		attrs = append(attrs, slog.String("F"+strconv.Itoa(f), masked(f, value)))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON returns the message as an object of masked fields: {"mti":"0200","F2":...}.
func (m Message) MarshalJSON() ([]byte, error) {
	out := []byte(`{"mti":"` + m.MTI.String() + `"`)
	for f, value := range m.Fields() {
		text, err := json.Marshal(masked(f, value))
		if err != nil {
			return nil, fmt.Errorf("marshal F%d: %w", f, err)
		}
		out = append(out, fmt.Sprintf(`,"F%d":%s`, f, text)...)
	}
	return append(out, '}'), nil
}

// MarshalText masks like String.
func (m Message) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
