package pdf

import (
	"bytes"
	_ "embed"
	"sync"

	"github.com/go-text/typesetting/font"

	"treasury-switch/internal/fault"
)

// The font is Vazirmatn 33.0.3 (SIL Open Font License 1.1, fonts/OFL.txt). It
// has Persian and Latin letters.
var (
	//go:embed fonts/Vazirmatn-Regular.ttf
	regularFont []byte
	//go:embed fonts/Vazirmatn-Bold.ttf
	boldFont []byte
)

// weight chooses a font.
type weight int

const (
	regular weight = iota
	bold
	weights // how many there are
)

// typeface is a font that is loaded once for all documents.
type typeface struct {
	name   string // PostScript name
	parsed *font.Font
	file   *trueType
}

// typefaces are the fonts by weight.
var typefaces = sync.OnceValues(func() ([weights]typeface, error) {
	var loaded [weights]typeface
	for i, source := range []struct {
		name string
		data []byte
	}{regular: {"Vazirmatn-Regular", regularFont}, bold: {"Vazirmatn-Bold", boldFont}} {
		parsed, err := font.ParseTTF(bytes.NewReader(source.data))
		if err != nil {
			return loaded, fault.New(fault.Bug, "read font %s: %w", source.name, err)
		}
		file, err := parseTrueType(source.data)
		if err != nil {
			return loaded, fault.New(fault.Bug, "read font %s: %w", source.name, err)
		}
		loaded[i] = typeface{name: source.name, parsed: parsed.Font, file: file}
	}
	return loaded, nil
})
