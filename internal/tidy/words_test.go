package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// uses lists the lines where a file uses functions of a package of the standard library.
func uses(s source, pkg string, functions ...string) []string {
	var findings []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if from, ok := selector.X.(*ast.Ident); !ok || from.Name != pkg {
			return true
		}
		for _, function := range functions {
			if selector.Sel.Name == function {
				findings = append(findings, fmt.Sprintf("line %d: %s.%s", s.line(selector.Pos()), pkg, function))
			}
		}
		return true
	})
	return findings
}

// exact are the folders where every number is exact: amounts are whole rial, rates are decimal fractions.
var exact = []string{"money", "tariffs", "ledger", "switch", "registry", "settlement", "reconciliation", "identity", "calendar", "reports"}

// inexact files in those folders may use floating point, for the reason given. Amounts never pass through them.
var inexact = map[string]string{
	"switch/forward.go": "the pace of store-and-forward, in reversals a second",
}

// floatNames are the types, and the functions that turn exact numbers into inexact ones.
var floatNames = map[string]bool{"float32": true, "float64": true, "complex64": true, "complex128": true, "ParseFloat": true,
	"NewFromFloat": true, "NewFromFloat32": true, "NewFromFloatWithExponent": true, "InexactFloat64": true, "Float64": true, "Float32": true}

func floats(s source) []string {
	held := false
	for _, folder := range exact {
		held = held || under(s.dir(), folder)
	}
	if !held || inexact[s.path] != "" {
		return nil
	}
	var findings []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch one := n.(type) {
		case *ast.Ident:
			if floatNames[one.Name] {
				findings = append(findings, fmt.Sprintf("line %d: %s", s.line(one.Pos()), one.Name))
			}
		case *ast.BasicLit:
			if !s.test() && (one.Kind == token.FLOAT || one.Kind == token.IMAG) {
				findings = append(findings, fmt.Sprintf("line %d: %s", s.line(one.Pos()), one.Value))
			}
		}
		return true
	})
	return findings
}

// honestTests refuses what makes a test pass without testing, or pass on one machine only.
func honestTests(s source) []string {
	if !s.test() {
		return nil
	}
	var findings []string
	for _, receiver := range []string{"t", "b", "f", "tb"} {
		findings = append(findings, uses(s, receiver, "Skip", "Skipf", "SkipNow")...)
	}
	findings = append(findings, uses(s, "testing", "Short")...)
	if !slices.Contains(s.imports(), "testing/synctest") { // On a synthetic clock a sleep takes no time.
		findings = append(findings, uses(s, "time", "Sleep")...)
	}
	return findings
}

// strange are words of the place where a change was written, not of the product. They are put together here so that this
// file does not offend itself.
var strange = []*regexp.Regexp{
	regexp.MustCompile("(^|[^a-zA-Z0-9_.-])/wo" + "rk/"),
	regexp.MustCompile("/tm" + "p/plan"),
	regexp.MustCompile(`(?i)pro` + `xy\.golang\.org|su` + `m\.golang\.org|goproxy\.`),
	regexp.MustCompile(`(?i)regi` + `stry\.npmjs|regi` + `stry-1\.docker|py` + `pi\.org|artif` + `actory|ghc` + `r\.io|qua` + `y\.io|deb\.deb` + `ian`),
	regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX|HA` + `CK)\b`),
	regexp.MustCompile(`(?i)\b(iss` + `ue|se` + `ssion|pull requ` + `est)s? #?[0-9]`),
}

func words(s source) []string {
	if s.path == "go.mod" {
		return nil
	}
	var findings []string
	for number, line := range strings.Split(string(s.text), "\n") {
		for _, word := range strange {
			if found := word.FindString(line); found != "" {
				findings = append(findings, fmt.Sprintf("line %d: %q", number+1, found))
			}
		}
	}
	return findings
}
