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

// ParseFile reads the tariff versions of a YAML file, one service per
// document. All that is wrong is told at once: the error is of kind
// fault.Invalid and holds FileFaults (errors.As). A file that cannot be read
// is fault.NotFound.
func ParseFile(path string) ([]Version, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "read tariffs: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fault.New(fault.NotFound, "read tariffs: %w", err)
	}
	return Parse(path, text)
}

// ParseFiles reads several files and tells the faults of all of them at once.
func ParseFiles(paths ...string) ([]Version, error) {
	var versions []Version
	var faults FileFaults
	for _, path := range paths {
		found, err := ParseFile(path)
		var some FileFaults
		switch {
		case errors.As(err, &some):
			faults = append(faults, some...)
		case err != nil:
			return nil, err
		}
		versions = append(versions, found...)
	}
	if err := faults.asError(); err != nil {
		return nil, err
	}
	return versions, nil
}

// Parse reads the text of a tariff file; name is what faults call it.
// ParseFile says the rest.
func Parse(name string, text []byte) ([]Version, error) {
	var faults FileFaults
	if len(text) > maxFile {
		return nil, FileFaults{{File: name, Text: "larger than 16 MiB"}}.asError()
	}
	var versions []Version
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(document.Content) == 0 {
			// Nothing behind a broken document can be trusted.
			faults = append(faults, syntaxFault(name, err))
			break
		}
		r := reader{file: name, lines: make(map[string]int), broken: make(map[string]bool)}
		versions = append(versions, r.version(document.Content[0]))
		faults = append(faults, r.faults...)
	}
	if len(versions) == 0 && len(faults) == 0 {
		faults = FileFaults{{File: name, Line: 1, Text: "no tariff in this file"}}
	}
	if err := faults.asError(); err != nil {
		return nil, err
	}
	return versions, nil
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
	if err == nil {
		return FileFault{File: name, Line: 1, Text: "empty document"}
	}
	f := FileFault{File: name, Line: 1, Text: err.Error()}
	if match := yamlLine.FindStringSubmatch(err.Error()); match != nil {
		f.Line, _ = strconv.Atoi(match[1])
		f.Text = match[2]
	}
	return f
}
