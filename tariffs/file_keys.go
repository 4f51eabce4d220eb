package tariffs

// keys are all keys of a tariff file, by the mapping they belong to. The JSON
// Schema has a definition of the same name for each.
var keys = map[string][]string{
	"tariff": {"service", "agency", "title", "from", "until", "decided_by", "basis", "components", "round_total", "sharing"},
	"title":  {"fa", "en"},
	"basis":  {"instrument", "article", "note", "gazette", "gazette_date", "text", "scan_sha256"},
	"component": {"code", "title", "fixed", "per_unit", "units", "percent", "of", "brackets", "taxable", "depreciation",
		"without_base", "minimum", "maximum", "late", "exempt", "round", "account", "shares", "basis"},
	"brackets":     {"mode", "rates"},
	"bracket":      {"up_to", "percent"},
	"depreciation": {"per_year", "years", "floor"},
	"late":         {"after", "every", "times", "percent", "amount", "most_percent", "most", "basis"},
	"exemption":    {"category", "percent", "basis"},
	"round":        {"to", "direction"},
	"round_total":  {"to", "direction", "carrier"},
	"portion":      {"account", "parts", "percent", "amount", "remainder"},
	"sharing":      {"component", "from", "account", "shares", "basis"},
}
