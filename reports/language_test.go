package reports

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/tariffs"
)

func TestNumbersAndDates(t *testing.T) {
	rate := decimal.RequireFromString
	for _, row := range []struct{ got, want string }{
		{Persian.Amount(1_476_112), "۱٬۴۷۶٬۱۱۲"}, {English.Amount(1_476_112), "1,476,112"},
		{Persian.Rial(0), "۰ ریال"}, {English.Rial(999), "999 rial"},
		{Persian.Percent(rate("2.5")), "۲٫۵ درصد"}, {English.Percent(rate("0.000001")), "0.000001%"},
		{Persian.Whole(-12), "-۱۲"},
		{Persian.Day(jalali(t, "1403/12/30")), "۱۴۰۳/۱۲/۳۰"}, {English.Day(jalali(t, "1403/12/30")), "2025-03-20 (1403/12/30)"},
		{Persian.Day(calendar.Date(0)), ""}, {English.Day(calendar.Date(0)), ""},
		{Persian.Digits("A0-9ب۵"), "A۰-۹ب۵"}, {English.Digits("۵"), "۵"},
		{Persian.PageOf(2, 10), "صفحه ۲ از ۱۰"}, {English.PageOf(2, 10), "Page 2 of 10"},
		{Persian.List("الف", "", "ب"), "الف، ب"}, {English.List("", ""), ""},
	} {
		if row.got != row.want {
			t.Errorf("%q, want %q", row.got, row.want)
		}
	}
}

func TestParseLanguage(t *testing.T) {
	for _, name := range []string{"fa", "en"} {
		if l, err := ParseLanguage(name); err != nil || string(l) != name {
			t.Errorf("%s: %s, %v", name, l, err)
		}
	}
	if _, err := ParseLanguage("de"); !fault.Is(err, fault.Invalid) {
		t.Errorf("de: %v", err)
	}
}

func TestCitations(t *testing.T) {
	full := tariffs.Citation{Instrument: "قانون بودجه 1405", Article: "9", Note: "۲", Gazette: "22451", GazetteDate: jalali(t, "1404/12/26")}
	for _, row := range []struct {
		l    Language
		c    tariffs.Citation
		want string
	}{
		{Persian, full, "قانون بودجه ۱۴۰۵، ماده ۹، تبصره ۲؛ روزنامه رسمی ۲۲۴۵۱، ۱۴۰۴/۱۲/۲۶"},
		{English, full, "قانون بودجه 1405, article 9, note 2; Official Gazette 22451 of 2026-03-17 (1404/12/26)"},
		{Persian, tariffs.Citation{Instrument: "مصوبه", Article: "جدول 16"}, "مصوبه، جدول ۱۶"},
		{English, tariffs.Citation{Instrument: "By-law", Gazette: "7"}, "By-law; Official Gazette 7"},
	} {
		if got := row.l.Citation(row.c); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}

func TestPriceInWords(t *testing.T) {
	rate := decimal.RequireFromString
	brackets := []tariffs.Bracket{{UpTo: 100, Rate: rate("1")}, {UpTo: 200, Rate: rate("2")}, {Rate: rate("3")}}
	titles := map[string]string{"fee": "Fee", "card": "Card"}
	for _, row := range []struct {
		c    tariffs.Component
		want string
	}{
		{tariffs.Component{Kind: tariffs.Fixed, Amount: 10_000}, "10,000 rial"},
		{tariffs.Component{Kind: tariffs.PerUnit, Amount: 300, PerUnits: 1}, "300 rial a unit"},
		{tariffs.Component{Kind: tariffs.PerUnit, Amount: 300, PerUnits: 10}, "300 rial for every 10 units or part of them"},
		{tariffs.Component{Kind: tariffs.Fixed, Options: []tariffs.Option{{Code: "A", Amount: 1}, {Code: "B", Amount: 2}}}, "A: 1 rial|B: 2 rial"},
		{tariffs.Component{Kind: tariffs.PercentOf, Rate: rate("5"), Of: []string{"fee", "card"}}, "5% of Fee, Card"},
		{tariffs.Component{Kind: tariffs.PercentOf, Rate: rate("10"), OfTaxable: true}, "10% of the taxable components"},
		{tariffs.Component{Kind: tariffs.Bracketed, Mode: tariffs.Slab, Brackets: brackets},
			"Up to 100: 1%|Above 100 up to 200: 2%|Above 200: 3%|The rate of the bracket is charged on the whole base"},
		{tariffs.Component{Kind: tariffs.Bracketed, Mode: tariffs.Marginal, Brackets: brackets[2:]},
			"Any base: 3%|Each rate is charged on its part of the base"},
		{tariffs.Component{Kind: tariffs.Percent, Rate: rate("1"), Minimum: 5, Maximum: 9, Taxable: true,
			Rounding: tariffs.Rounding{Unit: 1000, Direction: tariffs.Down}},
			"1% of the base|At least 5 rial|At most 9 rial|Rounded down to 1,000 rial|Taxable"},
		{tariffs.Component{Kind: tariffs.Fixed, Amount: 1, Rounding: tariffs.Rounding{Direction: tariffs.Up},
			Late: &tariffs.Late{Every: tariffs.Monthly, Rate: rate("2"), MostRate: rate("50"), Most: 7}},
			"1 rial|After the due date: 2% more a month or part of it, at most 50%, at most 7 rial|Rounded up to 1 rial"},
		{tariffs.Component{Kind: tariffs.Fixed, Amount: 1, Rounding: tariffs.Rounding{Unit: 10},
			Late: &tariffs.Late{After: 60, Every: tariffs.Daily, Amount: 3}},
			"1 rial|More than 60 days after the due date: 3 rial more a day|Rounded to 10 rial"},
		{tariffs.Component{Kind: tariffs.Fixed, Amount: 1, Late: &tariffs.Late{Every: tariffs.ThirtyDays, Amount: 3}},
			"1 rial|After the due date: 3 rial more for every 30 days or part of them"},
		{tariffs.Component{Kind: tariffs.Fixed, Amount: 1, Late: &tariffs.Late{Every: tariffs.Once, Amount: 3},
			Exemptions: []tariffs.Relief{{Category: "NEEDY", Percent: rate("100")}, {Category: "VETERAN", Percent: rate("50")}}},
			"1 rial|After the due date: 3 rial more once|Exempt: NEEDY|Exempt by 50%: VETERAN"},
	} {
		if got := strings.Join(English.price(row.c, titles), "|"); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
	}
}
