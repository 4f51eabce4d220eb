package tidy

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"strings"
	"testing"
)

const (
	fileLimit     = 400 // lines
	functionLimit = 60  // lines from func to the closing brace
)

func fileLength(s source) []string {
	switch path.Ext(s.path) {
	case ".go", ".sql", ".sh", "":
	default:
		return nil
	}
	if lines := bytes.Count(s.text, []byte("\n")); lines > fileLimit {
		return []string{fmt.Sprintf("has %d lines, at most %d", lines, fileLimit)}
	}
	return nil
}

func functionLength(s source) []string {
	var findings []string
	for _, declaration := range s.file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := s.line(function.End()) - s.line(function.Pos()) + 1; lines > functionLimit {
			findings = append(findings, fmt.Sprintf("%s has %d lines, at most %d", function.Name.Name, lines, functionLimit))
		}
	}
	return findings
}

// idle are names that say nothing about what a package is for.
var idle = map[string]bool{"util": true, "utils": true, "common": true, "helper": true, "helpers": true, "model": true,
	"models": true, "types": true, "misc": true, "base": true, "shared": true, "lib": true, "core": true}

func packageName(s source) []string {
	name := strings.TrimSuffix(s.file.Name.Name, "_test")
	folder := path.Base(s.dir())
	switch {
	case idle[name]:
		return []string{"package " + name + " does not say what it is"}
	case strings.ContainsAny(name, "_ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
		return []string{"package " + name + " is not one lower-case word"}
	case name == "main" || name == folder || name == "switching" && folder == "switch":
		return nil
	}
	return []string{"package " + name + " lies in folder " + folder}
}

// explained wants a comment for every exported name of a package, or for its group. Methods that only implement an
// interface of the standard library or of the command line (Help) need none.
func explained(s source) []string {
	if s.test() || s.file.Name.Name == "main" {
		return nil
	}
	var findings []string
	for _, declaration := range s.file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && d.Name.IsExported() && !wellKnown[d.Name.Name] && exportedReceiver(d) {
				findings = append(findings, fmt.Sprintf("line %d: %s has no comment", s.line(d.Pos()), d.Name.Name))
			}
		case *ast.GenDecl:
			if d.Doc == nil && d.Tok != token.IMPORT {
				findings = append(findings, unexplained(s, d)...)
			}
		}
	}
	return findings
}

var wellKnown = map[string]bool{"Error": true, "Unwrap": true, "Is": true, "As": true, "Len": true, "Less": true, "Swap": true,
	"String": true, "GoString": true, "Format": true, "LogValue": true, "MarshalJSON": true, "UnmarshalJSON": true,
	"MarshalText": true, "UnmarshalText": true, "Scan": true, "Value": true, "Close": true, "Help": true}

// exportedReceiver reports whether a function is one that others can call: no method, or one of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	receiver := d.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	name, ok := receiver.(*ast.Ident)
	return !ok || name.IsExported()
}

// unexplained lists the exported names of a group without a comment that have none themselves, before or behind them.
func unexplained(s source, d *ast.GenDecl) []string {
	var findings []string
	for _, spec := range d.Specs {
		switch one := spec.(type) {
		case *ast.TypeSpec:
			if one.Name.IsExported() && one.Doc == nil && one.Comment == nil {
				findings = append(findings, fmt.Sprintf("line %d: %s has no comment", s.line(one.Pos()), one.Name.Name))
			}
		case *ast.ValueSpec:
			if one.Names[0].IsExported() && one.Doc == nil && one.Comment == nil {
				findings = append(findings, fmt.Sprintf("line %d: %s has no comment", s.line(one.Pos()), one.Names[0].Name))
			}
		}
	}
	return findings
}

// sharedNames lists packages whose name another folder's package has too: whoever reads one would think of the other.
func sharedNames(sources []source) []string {
	var findings []string
	folders := map[string]string{}
	for _, s := range sources {
		if s.file == nil || s.test() || s.file.Name.Name == "main" {
			continue
		}
		name := s.file.Name.Name
		if first, known := folders[name]; known && first != s.dir() {
			findings = append(findings, fmt.Sprintf("package %s lies in %s and in %s", name, first, s.dir()))
		}
		folders[name] = s.dir()
	}
	return findings
}

func TestPackageNamesAreTheirOwn(t *testing.T) {
	for _, finding := range sharedNames(tree(t)) {
		t.Error(finding)
	}
	one := func(path, name string) source { return parse(t, path, []byte("package "+name)) }
	twice := []source{one("iso/terminal/a.go", "terminal"), one("iso/terminal/b.go", "terminal"), one("internal/terminal/a.go", "terminal")}
	if len(sharedNames(twice)) != 1 || len(sharedNames(twice[:2])) != 0 {
		t.Errorf("found %q", sharedNames(twice))
	}
	if programs := []source{one("cmd/a/main.go", "main"), one("cmd/b/main.go", "main")}; len(sharedNames(programs)) != 0 {
		t.Error("programs are all called main")
	}
}
