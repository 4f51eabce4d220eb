package tariffs

// field is a part of T that can differ, with its name.
type field[T any] struct {
	name string
	of   func(T) any
}

var versionFields = []field[Version]{
	{"agency", func(v Version) any { return v.Agency }},
	{"title", func(v Version) any { return v.Title }},
	{"decided_by", func(v Version) any { return v.DecidedBy }},
	{"basis", func(v Version) any { return v.Basis }},
	{"round_total", func(v Version) any { return v.Total }},
}

var componentFields = []field[Component]{
	{"title", func(c Component) any { return c.Title }},
	{"price", func(c Component) any {
		return []any{c.Kind, c.Amount, c.PerUnits, c.Rate, c.Options, c.Mode, c.Brackets, c.Of, c.OfTaxable}
	}},
	{"taxable", func(c Component) any { return c.Taxable }},
	{"depreciation", func(c Component) any { return c.Depreciation }},
	{"without_base", func(c Component) any { return c.WithoutBase }},
	{"minimum", func(c Component) any { return c.Minimum }},
	{"maximum", func(c Component) any { return c.Maximum }},
	{"late", func(c Component) any { return c.Late }},
	{"exempt", func(c Component) any { return c.Exemptions }},
	{"round", func(c Component) any { return c.Rounding }},
	{"shares", func(c Component) any { return c.Shares }},
	{"basis", func(c Component) any { return c.Basis }},
}

// differences names the fields that are not the same.
func differences[T any](a, b T, fields []field[T]) []string {
	var names []string
	for _, f := range fields {
		if string(written(f.of(a))) != string(written(f.of(b))) {
			names = append(names, f.name)
		}
	}
	return names
}
