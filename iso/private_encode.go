package iso

import (
	"strconv"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// payerLetters are the values of PTY.
var payerLetters = map[identity.PayerKind]string{
	identity.National: "N", identity.Legal: "L", identity.Foreign: "F", identity.Passport: "P",
}

// Encode returns field 48. If it would exceed 999 bytes, citations are dropped from the last line up, and then the
// day that decided. Lines never are: data that still does not fit is an error, of kind fault.Invalid, and so is a
// value that could not be read back.
func (p *Private) Encode() (string, error) {
	for cited, decided := len(p.Lines), p.Decided; ; cited-- {
		out, err := p.encode(max(cited, 0), decided)
		if err != nil {
			return "", err
		}
		if len(out) <= maxPrivate {
			_, err := ParsePrivate(out)
			return out, err
		}
		switch {
		case cited < 0:
			return "", fault.New(fault.Invalid, "private data: %d bytes even without citations, at most %d", len(out), maxPrivate)
		case cited == 0:
			decided = Decided{}
		}
	}
}

// encode writes the tags in the order of the table, with the citations of the first cited lines and the day that
// decided.
func (p *Private) encode(cited int, decided Decided) (string, error) {
	w := tagWriter{}
	w.out.Grow(p.usualLength(cited))
	w.text("SVC", p.Service)
	w.number("QTY", p.Units, p.Units != 0)
	w.number("BAS", int64(p.Base), p.HasBase)
	if !p.Payer.IsZero() {
		w.text("PTY", payerLetters[p.Payer.Kind])
		w.text("PID", p.Payer.Value)
	}
	w.text("CAT", p.Category)
	w.date("DUE", 0, p.Due)
	w.text("OPT", p.Option)
	w.date("RQD", 0, p.Requested)
	w.date("SVD", 0, p.Served)
	w.number("FYR", int64(p.FirstYear), p.FirstYear != 0)
	w.text("BIL", p.BillID)
	w.text("PAY", p.PaymentID)
	w.text("DEP", p.DepositID)
	w.text("REF", p.Reference)
	w.text("TRK", p.Tracking)
	w.date("DCD", decided.By, decided.Day)
	for i, line := range p.Lines {
		w.line(line.Code, line.Amount)
		if i < cited {
			w.text("CIT", line.Citation)
		}
	}
	for _, t := range p.Unknown {
		w.tag(t.Tag, t.Value)
	}
	return w.out.String(), w.err
}

// usualLength is enough for an answer's tags: its lines, citations and tracking code.
func (p *Private) usualLength(cited int) int {
	const number = 16           // "=" and an amount of 15 digits
	const decided = tagHead + 9 // a letter and eight digits
	n := tagHead + len(p.Tracking) + decided
	for i, line := range p.Lines {
		n += tagHead + len(line.Code) + number
		if i < cited && line.Citation != "" {
			n += tagHead + len(line.Citation)
		}
	}
	return n
}

// tagWriter writes tags and keeps the first error.
type tagWriter struct {
	out strings.Builder
	err error
}

// head writes a tag and the length of its value, of at most three digits.
func (w *tagWriter) head(tag string, n int) {
	w.out.WriteString(tag)
	w.out.WriteByte('0' + byte(n/100))
	w.out.WriteByte('0' + byte(n/10%10))
	w.out.WriteByte('0' + byte(n%10))
}

// tag writes a tag and its value.
func (w *tagWriter) tag(tag, value string) {
	w.head(tag, len(value))
	w.out.WriteString(value)
}

// text writes a tag if it has a value.
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
		w.tag(tag, value)
	}
}

// line writes a line of a quote, "code=amount".
func (w *tagWriter) line(code string, amount money.Rial) {
	var digits [20]byte // -9223372036854775808
	number := strconv.AppendInt(digits[:0], int64(amount), 10)
	n := len(code) + 1 + len(number)
	if n > maxPrivate-tagHead {
		w.text("LIN", code+"="+string(number)) // text reports that it does not fit
		return
	}
	w.head("LIN", n)
	w.out.WriteString(code)
	w.out.WriteByte('=')
	w.out.Write(number)
}

// date writes a tag of a day, yyyyMMdd, if there is one; after a letter, if it has one.
func (w *tagWriter) date(tag string, letter byte, day calendar.Date) {
	if day.IsZero() {
		return
	}
	const yyyyMMdd = 8
	if letter == 0 {
		w.head(tag, yyyyMMdd)
	} else {
		w.head(tag, 1+yyyyMMdd)
		w.out.WriteByte(letter)
	}
	year, month, dayOfMonth := day.Gregorian()
	for _, n := range [...]int{year / 100, year % 100, int(month), dayOfMonth} {
		w.out.WriteByte('0' + byte(n/10%10))
		w.out.WriteByte('0' + byte(n%10))
	}
}

// number writes a tag of a number, if there is one.
func (w *tagWriter) number(tag string, n int64, there bool) {
	if there {
		w.text(tag, strconv.FormatInt(n, 10))
	}
}
