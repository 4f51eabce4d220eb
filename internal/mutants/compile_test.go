package mutants

import (
	"bufio"
	"bytes"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// TestBreaksCompile: a break that does not compile proves nothing, and would be found on the day on which it is planted.
func TestBreaksCompile(t *testing.T) {
	c := newCompiler(t)
	for _, m := range all(t) {
		if filepath.Ext(m.file) != ".go" {
			continue
		}
		if err := c.compile(t, m); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// compiler checks the types of a package, those that it imports being compiled already.
type compiler struct {
	fset    *token.FileSet
	imports types.Importer
	parsed  map[string]*ast.File
}

func newCompiler(t *testing.T) *compiler {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	exports := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		name, file, _ := strings.Cut(lines.Text(), " ")
		exports[name] = file
	}
	c := &compiler{fset: token.NewFileSet(), parsed: map[string]*ast.File{}}
	c.imports = importer.ForCompiler(c.fset, "gc", func(name string) (io.ReadCloser, error) { return os.Open(exports[name]) })
	return c
}

// compile checks the package of a broken file.
func (c *compiler) compile(t *testing.T, m mutant) error {
	t.Helper()
	source, err := m.source()
	if err != nil {
		return err
	}
	broken, err := parser.ParseFile(c.fset, m.file, source, 0)
	if err != nil {
		return err
	}
	files := []*ast.File{broken}
	others, err := filepath.Glob(filepath.Join(root, filepath.Dir(m.file), "*.go"))
	if err != nil {
		return err
	}
	for _, name := range others {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == filepath.Base(m.file) {
			continue
		}
		if c.parsed[name] == nil {
			if c.parsed[name], err = parser.ParseFile(c.fset, name, nil, 0); err != nil {
				return err
			}
		}
		files = append(files, c.parsed[name])
	}
	config := types.Config{Importer: c.imports}
	if _, err := config.Check(path.Join("treasury-switch", filepath.Dir(m.file)), c.fset, files, nil); err != nil {
		return fmt.Errorf("it does not compile: %w", err)
	}
	return nil
}
