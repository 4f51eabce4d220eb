package payment

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAlarmsAreThoseThatAreRaised holds the list against every decision, and against every place in the source that raises an
// alarm by itself.
func TestAlarmsAreThoseThatAreRaised(t *testing.T) {
	raised := map[Reason]bool{}
	dayClosed := namedEvent{"ledger refused, day closed", LedgerRefused{Reason: DayClosed, Approval: approval}}
	for _, s := range situations(t) {
		for _, e := range append(events(), dayClosed) {
			if plan, err := Decide(s.payment, e.event); err == nil && plan.Alarm != "" {
				raised[plan.Alarm] = true
			}
		}
	}
	for name := range raisedByHand(t) {
		reason, known := reasonOf(t)[name]
		if !known {
			t.Errorf("the source raises an alarm for %s, which is no reason", name)
		}
		raised[reason] = true
	}
	for _, reason := range slices.Sorted(maps.Keys(raised)) {
		if !slices.Contains(Alarms, reason) {
			t.Errorf("an alarm is raised for %s, which is not in Alarms", reason)
		}
	}
	for _, reason := range Alarms {
		if !raised[reason] {
			t.Errorf("nothing raises an alarm for %s", reason)
		}
	}
}

// sources are the files of the switch and of the packages below it, without their tests.
func sources(t *testing.T) []*ast.File {
	t.Helper()
	names, err := filepath.Glob("../*.go")
	below, failed := filepath.Glob("../*/*.go")
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	names = append(names, below...)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// raisedByHand are the names with which an observer's Alarm is called. The one of a plan is a decision's.
func raisedByHand(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, is := n.(*ast.CallExpr)
			if !is || len(call.Args) != 1 {
				return true
			}
			if method, is := call.Fun.(*ast.SelectorExpr); !is || method.Sel.Name != "Alarm" {
				return true
			}
			switch reason := call.Args[0].(type) {
			case *ast.Ident:
				names[reason.Name] = true
			case *ast.SelectorExpr:
				if pkg, is := reason.X.(*ast.Ident); is && pkg.Name == "payment" {
					names[reason.Sel.Name] = true
				} else if reason.Sel.Name != "Alarm" {
					t.Errorf("an alarm is raised for %s, which only a running program knows", reason.Sel.Name)
				}
			default:
				t.Errorf("an alarm is raised for what only a running program knows")
			}
			return true
		})
	}
	return names
}

// reasonOf are the reasons by the names of their constants.
func reasonOf(t *testing.T) map[string]Reason {
	t.Helper()
	reasons := map[string]Reason{}
	for _, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, is := n.(*ast.ValueSpec)
			if !is || len(spec.Values) != 1 {
				return true
			}
			if kind, is := spec.Type.(*ast.Ident); !is || kind.Name != "Reason" {
				return true
			}
			if value, is := spec.Values[0].(*ast.BasicLit); is {
				reasons[spec.Names[0].Name] = Reason(strings.Trim(value.Value, `"`))
			}
			return true
		})
	}
	return reasons
}
