package iso

import (
	"strconv"
	"strings"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// MaxCitation is the longest citation of a quote line, in Iran System bytes.
const MaxCitation = 60

// Private is field 48 between terminals and the switch: the service and the inputs of its price, and in answers the
// tracking code and the lines of the quote. docs/wire.md has the table of tags. Absent values are zero.
type Private struct {
	Service   string           // SVC
	Units     int64            // QTY, at least 1
	Base      money.Rial       // BAS, in rial
	HasBase   bool             // tells a base of zero from an absent one
	Payer     identity.PayerID // PTY and PID
	Category  string           // CAT
	Due       calendar.Date    // DUE
	Option    string           // OPT
	Requested calendar.Date    // RQD, day of the request
	Served    calendar.Date    // SVD, day of the service
	FirstYear int              // FYR, Jalali
	BillID    string           // BIL, 6 to 13 digits
	PaymentID string           // PAY, 6 to 13 digits
	DepositID string           // DEP, 30 digits
	Reference string           // REF
	Tracking  string           // TRK
	Decided   Decided          // DCD
	Lines     []QuoteLine      // LIN and CIT
	Unknown   []Tagged         // tags that are not in the table: kept and ignored
}

// Decided is the day that selected the tariff of a price, and which of the request's days it is: By is one of the
// letters below. Zero if not given.
type Decided struct {
	By  byte
	Day calendar.Date
}

// The days of a request that can select its tariff.
const (
	DecidedByPayment byte = 'P'
	DecidedByRequest byte = 'R'
	DecidedByService byte = 'S'
)

// QuoteLine is one line of a quote.
type QuoteLine struct {
	// Code names the component, Amount is in rial.
	Code   string
	Amount money.Rial
	// Citation is its legal basis in Iran System bytes, at most MaxCitation:
	// Dialect.EncodeText makes it, Dialect.DecodeText reads it.
	Citation string
}

// once returns a bit for each tag that may occur only once. Lines, citations and unknown tags may repeat: they have
// none.
func once(tag string) (bit uint32) {
	for i, known := range onceTags {
		if tag == known {
			return 1 << i
		}
	}
	return 0
}

var onceTags = [...]string{
	"SVC", "QTY", "BAS", "PTY", "PID", "CAT", "DUE", "OPT", "RQD", "SVD", "FYR", "BIL", "PAY", "DEP", "REF", "TRK", "DCD",
}

// payerTags are the bits of PTY and PID.
var payerTags = once("PTY") | once("PID")

// ParsePrivate reads field 48. The error is of kind fault.Invalid, names the tag that is malformed or repeated, and
// never contains its content.
func ParsePrivate(s string) (Private, error) {
	_, lines, err := countTags(s)
	if err != nil {
		return Private{}, err
	}
	var p Private
	if lines > 0 {
		p.Lines = make([]QuoteLine, 0, lines)
	}
	var kind, id, before string
	var seen uint32
	for rest := s; rest != ""; {
		var t Tagged
		t, rest = cutTag(rest)
		bit := once(t.Tag)
		if seen&bit != 0 {
			return Private{}, fault.New(fault.Invalid, "private data: tag %s is given twice", t.Tag)
		}
		seen |= bit
		ok := true
		switch t.Tag {
		case "PTY":
			kind = t.Value
		case "PID":
			id = t.Value
		case "CIT":
			ok = p.cite(before, t.Value)
		default:
			ok = p.take(t)
		}
		if !ok {
			return Private{}, fault.New(fault.Invalid, "private data: tag %s is malformed", t.Tag)
		}
		before = t.Tag
	}
	if seen&payerTags != 0 {
		if p.Payer, err = identity.ParsePayerID(kind, id); err != nil {
			return Private{}, fault.New(fault.Invalid, "private data: tags PTY and PID: %w", err)
		}
	}
	return p, nil
}

// cite sets the legal basis of the line directly before a citation.
func (p *Private) cite(before, citation string) (ok bool) {
	if before != "LIN" || len(citation) > MaxCitation {
		return false
	}
	p.Lines[len(p.Lines)-1].Citation = citation
	return true
}

// take reads one tag that needs no other, and reports whether it is well-formed.
func (p *Private) take(t Tagged) (ok bool) {
	switch t.Tag {
	case "SVC":
		p.Service, ok = t.Value, printable(t.Value)
	case "QTY":
		p.Units, ok = number(t.Value)
		ok = ok && p.Units > 0
	case "BAS":
		var n int64
		n, ok = number(t.Value)
		p.Base, p.HasBase = money.Rial(n), ok
	case "CAT":
		p.Category, ok = t.Value, printable(t.Value)
	case "DUE":
		p.Due, ok = compactDate(t.Value)
	case "OPT":
		p.Option, ok = t.Value, printable(t.Value)
	case "RQD":
		p.Requested, ok = compactDate(t.Value)
	case "SVD":
		p.Served, ok = compactDate(t.Value)
	case "FYR":
		var n int64
		n, ok = number(t.Value)
		p.FirstYear, ok = int(n), ok && len(t.Value) == 4 && n >= 1000
	case "BIL":
		p.BillID, ok = t.Value, billDigits(t.Value)
	case "PAY":
		p.PaymentID, ok = t.Value, billDigits(t.Value)
	case "DEP":
		p.DepositID, ok = t.Value, len(t.Value) == 30 && digits.Only(t.Value)
	case "REF":
		p.Reference, ok = t.Value, printable(t.Value)
	case "TRK":
		p.Tracking, ok = t.Value, printable(t.Value)
	case "DCD":
		p.Decided, ok = parseDecided(t.Value)
	case "LIN":
		var line QuoteLine
		line, ok = parseLine(t.Value)
		p.Lines = append(p.Lines, line)
	default:
		p.Unknown, ok = append(p.Unknown, t), true
	}
	return ok
}

// parseLine reads "code=amount".
func parseLine(s string) (QuoteLine, bool) {
	code, amount, found := strings.Cut(s, "=")
	n, ok := number(amount)
	return QuoteLine{Code: code, Amount: money.Rial(n)}, found && ok && printable(code)
}

// parseDecided reads a letter and the day.
func parseDecided(s string) (d Decided, ok bool) {
	if s == "" {
		return d, false
	}
	switch d.By = s[0]; d.By {
	case DecidedByPayment, DecidedByRequest, DecidedByService:
		d.Day, ok = compactDate(s[1:])
	}
	if !ok {
		return Decided{}, false
	}
	return d, true
}

// number reads 1 to 15 digits: everything that fits an amount or a count.
func number(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 15 || !digits.Only(s) {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// printable requires at least one character, all of them printable ASCII.
func printable(s string) bool { return s != "" && charsetText.holds(s) }

func billDigits(s string) bool { return len(s) >= 6 && len(s) <= 13 && digits.Only(s) }

// compactDate reads yyyyMMdd, Gregorian.
func compactDate(s string) (calendar.Date, bool) {
	day, err := calendar.ParseCompact(s)
	return day, err == nil
}
