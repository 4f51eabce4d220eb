package tidy

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// source is one file of the tree.
type source struct {
	path string // relative to the module's folder, with slashes
	text []byte
	// The rest is set for Go files only.
	fset *token.FileSet
	file *ast.File
}

// rule finds what offends it in one file. A rule about Go is not asked about other files.
type rule struct {
	name   string
	anyone bool // also asked about files that are not Go
	find   func(source) []string
}

func rules() []rule {
	return []rule{
		{"imports point down", false, importDirection},
		{"libraries stay in their packages", false, libraries},
		{"the database is touched where the SQL is", false, databaseBesideSQL},
		{"the environment is read in cmd", false, environment},
		{"days are closed with their guard", false, closings},
		{"packages say what they are", false, packageName},
		{"files have at most 400 lines", true, fileLength},
		{"functions have at most 60 lines", false, functionLength},
		{"no floating point where money is", false, floats},
		{"exported names are explained", false, explained},
		{"tests neither skip nor sleep", false, honestTests},
		{"no words of another place", true, words},
	}
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// dir is the package's folder, "." for the module's own.
func (s source) dir() string { return path.Dir(s.path) }

func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// TestTree holds every rule on every file.
func TestTree(t *testing.T) {
	sources := tree(t)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			for _, s := range sources {
				if s.file == nil && !r.anyone {
					continue
				}
				for _, finding := range r.find(s) {
					t.Errorf("%s: %s", s.path, finding)
				}
			}
		})
	}
}

// ignored folders hold what programs wrote.
var ignored = map[string]bool{"var": true, "out": true, "bin": true, "testdata": true, "vendor": true, "node_modules": true}

// tree reads every text file of the module.
func tree(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	var sources []source
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".ci" && file != root
		if entry.IsDir() && (ignored[entry.Name()] || hidden) {
			return filepath.SkipDir
		}
		if !entry.Type().IsRegular() || entry.Name() == "go.sum" || entry.Name() == ".git" { // .git is a file in a second work tree.
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil || bytes.IndexByte(text, 0) >= 0 {
			return err
		}
		name, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		sources = append(sources, parse(t, filepath.ToSlash(name), text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func parse(t *testing.T, name string, text []byte) source {
	t.Helper()
	s := source{path: name, text: text}
	if path.Ext(name) != ".go" {
		return s
	}
	s.fset = token.NewFileSet()
	file, err := parser.ParseFile(s.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	s.file = file
	return s
}
