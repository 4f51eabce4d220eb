package iso

import (
	"fmt"
	"strconv"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// payerLetters are the values of PTY.
var payerLetters = map[identity.PayerKind]string{
	identity.National: "N", identity.Legal: "L", identity.Foreign: "F", identity.Passport: "P",
}

// Encode gives field 48. Where it would pass 999 bytes, citations are dropped
// from the last line up. Lines never are: what then still does not fit is an
// error, of kind fault.Invalid, and so is a value that could not be read back.
func (p *Private) Encode() (string, error) {
	var room [usualPrivate]byte
	for cited := len(p.Lines); ; cited-- {
		out, err := p.encode(room[:0], cited)
		if err != nil {
			return "", err
		}
		if len(out) <= maxPrivate {
			text := string(out)
			_, err := ParsePrivate(text)
			return text, err
		}
		if cited == 0 {
			return "", fault.New(fault.Invalid, "private data: %d bytes even without citations, at most %d", len(out), maxPrivate)
		}
	}
}

// encode appends the tags to out in the order of the table, with the citations of
// the first cited lines.
func (p *Private) encode(out []byte, cited int) ([]byte, error) {
	w := tagWriter{out: out}
	w.text("SVC", p.Service)
	w.number("QTY", p.Units, p.Units != 0)
	w.number("BAS", int64(p.Base), p.HasBase)
	if !p.Payer.IsZero() {
		w.text("PTY", payerLetters[p.Payer.Kind])
		w.text("PID", p.Payer.Value)
	}
	w.text("CAT", p.Category)
	if !p.Due.IsZero() {
		year, month, day := p.Due.Gregorian()
		w.text("DUE", fmt.Sprintf("%04d%02d%02d", year, month, day))
	}
	w.text("OPT", p.Option)
	w.number("FYR", int64(p.FirstYear), p.FirstYear != 0)
	w.text("BIL", p.BillID)
	w.text("PAY", p.PaymentID)
	w.text("DEP", p.DepositID)
	w.text("REF", p.Reference)
	w.text("TRK", p.Tracking)
	for i, line := range p.Lines {
		w.line(line.Code, line.Amount)
		if i < cited {
			w.text("CIT", line.Citation)
		}
	}
	for _, t := range p.Unknown {
		w.out = appendTag(w.out, t.Tag, t.Value)
	}
	return w.out, w.err
}

// usualPrivate is room for the lines of most quotes, with their citations.
const usualPrivate = 480

// tagWriter appends tags and remembers the first that does not fit.
type tagWriter struct {
	out []byte
	err error
}

// text appends a tag where it has a value.
func (w *tagWriter) text(tag, value string) {
	limit := maxPrivate - tagHead
	if tag == "CIT" {
		limit = MaxCitation
	}
	if len(value) > limit {
		w.err = fault.New(fault.Invalid, "private data: tag %s has %d bytes, at most %d", tag, len(value), limit)
		return
	}
	if value != "" {
		w.out = appendTag(w.out, tag, value)
	}
}

// line appends a line of a quote, "code=amount".
func (w *tagWriter) line(code string, amount money.Rial) {
	var digits [20]byte // -9223372036854775808
	number := strconv.AppendInt(digits[:0], int64(amount), 10)
	n := len(code) + 1 + len(number)
	if n > maxPrivate-tagHead {
		w.text("LIN", code+"="+string(number)) // It says that it does not fit.
		return
	}
	w.out = appendDecimal(append(w.out, "LIN"...), n, 3)
	w.out = append(append(append(w.out, code...), '='), number...)
}

// number appends a tag of a number that is there.
func (w *tagWriter) number(tag string, n int64, there bool) {
	if there {
		w.text(tag, strconv.FormatInt(n, 10))
	}
}
