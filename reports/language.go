package reports

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
	"treasury-switch/tariffs"
)

// Language is the language of a report. It decides the words, the direction of
// the lines, the digits and the calendar.
type Language string

// The languages of reports.
const (
	// Persian runs from right to left, with Persian digits and Jalali dates.
	Persian Language = "fa"
	// English has both dates, because the law counts in the Jalali calendar.
	English Language = "en"
)

// ParseLanguage reads "fa" or "en"; anything else is fault.Invalid.
func ParseLanguage(s string) (Language, error) {
	switch l := Language(s); l {
	case Persian, English:
		return l, nil
	}
	return "", fault.New(fault.Invalid, "language %q: want fa or en", s)
}

// RightToLeft reports whether lines begin on the right.
func (l Language) RightToLeft() bool { return l == Persian }

// Digits writes the Latin digits of a text as those of the language; the rest
// of the text stays as it is.
func (l Language) Digits(s string) string {
	if l != Persian {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '۰'
		}
		return r
	}, s)
}

// number writes a plain decimal number with the marks of the language: U+066C
// between thousands and U+066B for the point in Persian.
func (l Language) number(s string) string {
	if l == Persian {
		s = strings.NewReplacer(",", "٬", ".", "٫").Replace(s)
	}
	return l.Digits(s)
}

// Amount writes an amount in groups of three: 1,476,112 or ۱٬۴۷۶٬۱۱۲.
func (l Language) Amount(r money.Rial) string { return l.number(r.Grouped()) }

// Rial is Amount with its unit.
func (l Language) Rial(r money.Rial) string { return l.Amount(r) + l.pick(" ریال", " rial") }

// Whole writes a whole number.
func (l Language) Whole(n int64) string { return l.number(strconv.FormatInt(n, 10)) }

// Percent writes a rate in percent: 2.5 % or ۲٫۵ درصد. The word is used in
// Persian, because the sign is written on either side of the number by taste.
func (l Language) Percent(d decimal.Decimal) string {
	return l.number(d.String()) + l.pick(" درصد", "%")
}

// Day writes a date: ۱۴۰۵/۰۸/۳۰ or 2026-11-21 (1405/08/30); no date is empty.
func (l Language) Day(d calendar.Date) string {
	switch {
	case d.IsZero():
		return ""
	case l == Persian:
		return l.Digits(d.JalaliString())
	}
	return d.String() + " (" + d.JalaliString() + ")"
}

// Title chooses the name in the language.
func (l Language) Title(t tariffs.Title) string { return l.pick(t.Fa, t.En) }

// List joins the parts that are not empty with the comma of the language.
func (l Language) List(parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, l.pick("، ", ", "))
}

// code writes a Latin code before other text. In Persian a right-to-left mark
// (U+200F) ends it: without one, a number that follows would be taken to its
// right, as a part of it.
func (l Language) code(s string) string { return s + l.pick("\u200f", "") }

// pick chooses between a Persian and an English text.
func (l Language) pick(fa, en string) string {
	if l == Persian {
		return fa
	}
	return en
}

// PageOf numbers a page.
func (l Language) PageOf(page, pages int64) string {
	return l.pick("صفحه ", "Page ") + l.Whole(page) + l.pick(" از ", " of ") + l.Whole(pages)
}
