package tariffs

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"treasury-switch/internal/fault"
)

// maxFile bounds the size of a tariff file in bytes.
const maxFile = 16 << 20

// FileFault is one thing wrong with a tariff file.
type FileFault struct {
	File string
	Line int // from 1; zero where no line is known
	Text string
}

// Error tells the place as editors understand it, "file:line: text".
func (f FileFault) Error() string { return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text) }

// FileFaults are all faults of the files read, in the order of their lines.
type FileFaults []FileFault

// Error tells every fault on a line of its own.
func (f FileFaults) Error() string {
	all := make([]error, len(f))
	for i := range f {
		all[i] = f[i]
	}
	return errors.Join(all...).Error()
}

// parseFile reads the tariff versions of a YAML file, one service per
// document. All that is wrong is told at once: the error is of kind
// fault.Invalid and holds FileFaults (errors.As). A file that cannot be read
// is fault.NotFound.
func parseFile(path string) ([]Version, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text)
}

// readFile reads no more of a file than a tariff file may have, and one byte.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "read tariffs: %w", err)
	}
	defer file.Close() // It was only read.
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fault.New(fault.NotFound, "read tariffs: %w", err)
	}
	return text, nil
}

// Parse reads the text of a tariff file; name is what faults call it.
// See parseFile.
func Parse(name string, text []byte) ([]Version, error) {
	all, faults := parse(name, text)
	if err := faults.asError(); err != nil {
		return nil, err
	}
	return versionsOf(all), nil
}

// mark is the byte order mark in UTF-8, with which some editors begin a file.
var mark = []byte("\ufeff")

// parse reads every document of a file. A document may be empty, as behind a
// last "---", and may begin with a byte order mark, as where files were put
// together (YAML 1.2, 5.2).
func parse(name string, text []byte) (all []placed, faults FileFaults) {
	if len(text) > maxFile {
		return nil, FileFaults{{File: name, Text: "larger than 16 MiB"}}
	}
	text = bytes.TrimPrefix(text, mark)
	text = bytes.ReplaceAll(text, append([]byte("\n"), mark...), []byte("\n"))
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			// Nothing behind a broken document can be trusted.
			faults = append(faults, syntaxFault(name, err))
			break
		}
		if empty(&document) {
			continue
		}
		r := reader{file: name, lines: make(map[string]int), broken: make(map[string]bool)}
		v := r.version(document.Content[0])
		all = append(all, placed{v, name, r.line("service")})
		faults = append(faults, r.faults...)
	}
	if len(all) == 0 && len(faults) == 0 {
		faults = FileFaults{{File: name, Line: 1, Text: "no tariff in this file"}}
	}
	return all, faults
}

// empty reports whether there is nothing in a document, or only comments.
func empty(document *yaml.Node) bool {
	if len(document.Content) == 0 {
		return true
	}
	root := document.Content[0]
	return root.Kind == yaml.ScalarNode && root.Value == "" && root.Style == 0
}

// asError returns the faults as one error of kind fault.Invalid, or nil.
func (f FileFaults) asError() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b FileFault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return fault.New(fault.Invalid, "%w", f)
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// syntaxFault finds the line in the text of the YAML reader's error.
func syntaxFault(name string, err error) FileFault {
	f := FileFault{File: name, Line: 1, Text: err.Error()}
	if match := yamlLine.FindStringSubmatch(err.Error()); match != nil {
		f.Line, _ = strconv.Atoi(match[1])
		f.Text = match[2]
	}
	return f
}
