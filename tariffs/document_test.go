package tariffs

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	lineStart = regexp.MustCompile(`(?m)^`)
	alternate = regexp.MustCompile(`(?m)#.*$`)
)

// The examples of the clerk's document are accepted exactly as printed.
func TestDocumentShowsWhatIsAccepted(t *testing.T) {
	text, err := os.ReadFile("../docs/tariffs.md")
	must(t, err)
	blocks := yamlBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 15 {
		t.Fatalf("%d pieces of YAML", len(blocks))
	}
	for _, block := range blocks {
		if _, err := Parse("shown", []byte(around(block[1]))); err != nil {
			t.Errorf("%s%v", block[1], err)
		}
	}
}

// around puts a piece of a file where it belongs.
func around(piece string) string {
	const (
		top = "service: SHOWN\nagency: 101\ntitle: {fa: ن, en: Shown}\nfrom: 1405/01/01\nbasis: {instrument: act}\ncomponents:\n" +
			"  - {code: fee, title: {fa: ن, en: Fee}, fixed: 5000, taxable: yes, account: R-101-140101-01}\n"
		shown = "  - code: shown\n    title: {fa: ن, en: Shown}\n"
	)
	key, _, _ := strings.Cut(alternate.ReplaceAllString(piece, ""), ":")
	inside := strings.TrimRight(lineStart.ReplaceAllString(piece, "    "), " ")
	switch key {
	case "service":
		return piece
	case "round_total", "sharing":
		return top + piece
	case "fixed", "per_unit", "percent", "brackets":
		return top + shown + inside + account
	case "shares":
		return top + shown + "    percent: 1\n" + inside
	}
	return top + shown + "    percent: 1\n" + inside + account
}
