package reports

import (
	"strings"
	"time"

	"treasury-switch/tariffs"
)

// Document is the price list for paper.
func (p PriceList) Document(l Language, made time.Time) Document {
	title := l.pick("تعرفه خدمات", "Price list of services")
	d := Document{
		Language: l, Title: title, Made: made,
		Facts: []string{l.pick("معتبر در روز ", "In force on ") + l.Day(p.Day) + l.pick(" — همه مبالغ به ریال است", "; all amounts in rial")},
		Columns: []Column{{l.pick("جزء", "Component"), 26}, {l.pick("مبلغ یا نرخ", "Amount or rate"), 36},
			{l.pick("مستند قانونی", "Legal basis"), 38}},
		Empty: l.pick("در این روز هیچ تعرفه\u200cای در کار نیست.", "No tariff is in force on this day."),
		Foot:  title + l.pick(" — ", ", ") + l.Day(p.Day),
	}
	for _, a := range p.Agencies {
		g := Group{Title: l.Title(a.Name)}
		for _, s := range a.Services {
			g.Items = append(g.Items, s.item(l))
		}
		d.Groups = append(d.Groups, g)
	}
	return d
}

// item is a service on paper.
func (p Price) item(l Language) Item {
	item := Item{Title: l.Title(p.Title) + " (" + p.Service + ")", Side: p.validity(l)}
	if p.Total != nil {
		item.Side += "\n" + l.pick("جمع: ", "Total: ") + l.Rial(*p.Total)
	}
	for _, c := range p.Components {
		item.Rows = append(item.Rows, []string{l.Title(c.Title), strings.Join(l.price(c, p.titles(l)), "\n"), strings.Join(l.basis(c), "\n")})
	}
	if p.Rounding != nil {
		item.Rows = append(item.Rows, []string{l.pick("جمع", "Total"), l.Rounding(p.Rounding.Rounding), l.Citation(p.Basis)})
	}
	return item
}

// Sheet is the price list to work with: a row for every component. Codes,
// amounts and dates are in Latin digits, which spreadsheet programs understand.
func (p PriceList) Sheet(l Language, made time.Time) Sheet {
	s := Sheet{Language: l, Name: l.pick("تعرفه ", "Tariffs ") + strings.ReplaceAll(p.Day.JalaliString(), "/", "-"), Made: made,
		Columns: []SheetColumn{
			{l.pick("کد دستگاه", "Agency code"), Narrow}, {l.pick("دستگاه", "Agency"), Medium},
			{l.pick("کد خدمت", "Service code"), Medium}, {l.pick("خدمت", "Service"), Medium},
			{l.pick("از", "From"), Narrow}, {l.pick("تا", "To"), Narrow},
			{l.pick("کد جزء", "Component code"), Narrow}, {l.pick("جزء", "Component"), Medium},
			{l.pick("مبلغ به ریال", "Amount in rial"), Narrow}, {l.pick("نرخ به درصد", "Rate in percent"), Narrow},
			{l.pick("شرح", "Rule"), Wide}, {l.pick("مستند قانونی", "Legal basis"), Wide},
		}}
	for _, a := range p.Agencies {
		for _, service := range a.Services {
			for _, c := range service.Components {
				s.Rows = append(s.Rows, a.row(l, service, c))
			}
		}
	}
	return s
}

// row is a component in the sheet.
func (a AgencyPrices) row(l Language, p Price, c tariffs.Component) []Cell {
	amount, rate, until := Text(""), Text(""), ""
	if !p.Until.IsZero() {
		until = p.Until.Add(-1).JalaliString()
	}
	plain := len(c.Options) == 0
	switch c.Kind {
	case tariffs.Fixed, tariffs.PerUnit:
		if plain {
			amount = Number(int64(c.Amount))
		}
	case tariffs.Percent, tariffs.PercentOf:
		if plain {
			rate = Text(c.Rate.String())
		}
	}
	between := l.pick("؛ ", "; ")
	return []Cell{
		Number(int64(a.Agency)), Text(l.Title(a.Name)), Text(p.Service), Text(l.Title(p.Title)),
		Text(p.From.JalaliString()), Text(until), Text(c.Code), Text(l.Title(c.Title)), amount, rate,
		Text(strings.Join(l.price(c, p.titles(l)), between)), Text(strings.Join(l.basis(c), between)),
	}
}
