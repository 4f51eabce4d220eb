package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// opened is a PDF as a viewer finds its way through it: by the table of
// objects at the end.
type opened struct {
	t       *testing.T
	objects map[int]string
	trailer string
}

var (
	startOf   = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`)
	reference = regexp.MustCompile(`(\d+) 0 R`)
)

func open(t *testing.T, file []byte) opened {
	t.Helper()
	found := startOf.FindSubmatch(file)
	if !bytes.HasPrefix(file, []byte("%PDF-1.7\n")) || found == nil {
		t.Fatalf("no PDF: %.20q ... %q", file, file[max(0, len(file)-40):])
	}
	start, _ := strconv.Atoi(string(found[1]))
	table := strings.SplitAfter(string(file[start:]), "\n")
	var first, count int
	if _, err := fmt.Sscanf(table[1], "%d %d", &first, &count); err != nil || table[0] != "xref\n" || first != 0 {
		t.Fatalf("no table of objects at %d: %q", start, table[:2])
	}
	o := opened{t: t, objects: make(map[int]string), trailer: strings.Join(table[2+count:], "")}
	for number := 1; number < count; number++ {
		entry := table[2+number]
		offset, err := strconv.Atoi(entry[:10])
		head := fmt.Sprintf("%d 0 obj\n", number)
		if err != nil || len(entry) != 20 || offset+len(head) > len(file) || string(file[offset:offset+len(head)]) != head {
			t.Fatalf("object %d is not where %q says", number, entry)
		}
		body, _, ended := bytes.Cut(file[offset+len(head):], []byte("\nendobj\n"))
		if !ended {
			t.Fatalf("object %d does not end", number)
		}
		o.objects[number] = string(body)
	}
	return o
}

// follow finds the object that an entry of a dictionary refers to.
func (o opened) follow(dictionary, key string) string {
	o.t.Helper()
	_, behind, there := strings.Cut(dictionary, key+" ")
	match := reference.FindStringSubmatch(behind)
	if !there || match == nil {
		o.t.Fatalf("%.100q has no %s", dictionary, key)
	}
	number, _ := strconv.Atoi(match[1])
	return o.objects[number]
}

// data unpacks a stream.
func (o opened) data(object string) []byte {
	o.t.Helper()
	head, packed, _ := strings.Cut(object, "\nstream\n")
	packed = strings.TrimSuffix(packed, "\nendstream")
	if !strings.Contains(head, fmt.Sprintf("/Length %d ", len(packed))) {
		o.t.Fatalf("%q has %d bytes", head, len(packed))
	}
	r, err := zlib.NewReader(strings.NewReader(packed))
	if err != nil {
		o.t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		o.t.Fatal(err)
	}
	return plain
}

// pages are the page objects in order.
func (o opened) pages() []string {
	o.t.Helper()
	tree := o.follow(o.follow(o.trailer, "/Root"), "/Pages")
	_, kids, _ := strings.Cut(tree, "/Kids [")
	var pages []string
	for _, match := range reference.FindAllStringSubmatch(kids, -1) {
		number, _ := strconv.Atoi(match[1])
		pages = append(pages, o.objects[number])
	}
	if !strings.Contains(tree, fmt.Sprintf("/Count %d ", len(pages))) {
		o.t.Errorf("%d pages in %s", len(pages), tree)
	}
	return pages
}

// shown is a line of text as it is seen, its letters from left to right.
type shown struct {
	text    string
	numbers []uint16 // of the glyphs
	font    string
	x, y    int // thousandths of a point
}

var (
	mapped   = regexp.MustCompile(`(?m)^<([0-9A-F]{4})> <([0-9A-F]+)>$`)
	textLine = regexp.MustCompile(`(?s)BT /(F\d) [0-9.]+ Tf\n(.*?)ET\n`)
	place    = regexp.MustCompile(`1 0 0 1 (-?[0-9.]+) (-?[0-9.]+) Tm`)
	code     = regexp.MustCompile(`<([0-9A-F]{4})>`)
)

// meanings are the texts of a font's numbers.
func (o opened) meanings(page, font string) map[uint16]string {
	o.t.Helper()
	texts := make(map[uint16]string)
	cmap := o.data(o.follow(o.follow(page, "/"+font), "/ToUnicode"))
	for _, match := range mapped.FindAllStringSubmatch(string(cmap), -1) {
		number, _ := strconv.ParseUint(match[1], 16, 16)
		var units []uint16
		for i := 0; i < len(match[2]); i += 4 {
			unit, _ := strconv.ParseUint(match[2][i:i+4], 16, 16)
			units = append(units, uint16(unit))
		}
		texts[uint16(number)] = string(utf16.Decode(units))
	}
	return texts
}

// lines reads what a page shows.
func (o opened) lines(page string) []shown {
	o.t.Helper()
	fonts := map[string]map[uint16]string{"F0": o.meanings(page, "F0"), "F1": o.meanings(page, "F1")}
	var lines []shown
	for _, match := range textLine.FindAllStringSubmatch(string(o.data(o.follow(page, "/Contents"))), -1) {
		line := shown{font: match[1]}
		at := place.FindStringSubmatch(match[2])
		line.x, _ = strconv.Atoi(strings.Replace(at[1], ".", "", 1))
		line.y, _ = strconv.Atoi(strings.Replace(at[2], ".", "", 1))
		for _, one := range code.FindAllStringSubmatch(match[2], -1) {
			number, _ := strconv.ParseUint(one[1], 16, 16)
			line.numbers = append(line.numbers, uint16(number))
			line.text += fonts[line.font][uint16(number)]
		}
		lines = append(lines, line)
	}
	return lines
}
