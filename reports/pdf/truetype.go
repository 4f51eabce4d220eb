package pdf

import (
	"encoding/binary"
	"errors"
)

// trueType gives access to the tables of a TrueType font that a PDF needs
// (OpenType 1.9, "TrueType outlines"). Only the fonts of this package are read,
// which a test has checked; errors are for a font that was replaced.
type trueType struct {
	tables     map[string][]byte
	unitsPerEm int64
	glyphs     int
	longLoca   bool
	metrics    int // entries of hmtx with an advance of their own
}

var errNotTrueType = errors.New("no complete TrueType font")

// parseTrueType reads the directory of tables and the sizes that others depend on.
func parseTrueType(data []byte) (*trueType, error) {
	if len(data) < 12 {
		return nil, errNotTrueType
	}
	f := &trueType{tables: make(map[string][]byte)}
	for i := range int(binary.BigEndian.Uint16(data[4:])) {
		record := 12 + 16*i
		if record+16 > len(data) {
			return nil, errNotTrueType
		}
		offset, length := binary.BigEndian.Uint32(data[record+8:]), binary.BigEndian.Uint32(data[record+12:])
		if uint64(offset)+uint64(length) > uint64(len(data)) {
			return nil, errNotTrueType
		}
		f.tables[string(data[record:record+4])] = data[offset : offset+length]
	}
	head, hhea, maxp := f.tables["head"], f.tables["hhea"], f.tables["maxp"]
	if len(head) < 54 || len(hhea) < 36 || len(maxp) < 6 {
		return nil, errNotTrueType
	}
	f.unitsPerEm = int64(binary.BigEndian.Uint16(head[18:]))
	f.longLoca = binary.BigEndian.Uint16(head[50:]) == 1
	f.glyphs = int(binary.BigEndian.Uint16(maxp[4:]))
	f.metrics = int(binary.BigEndian.Uint16(hhea[34:]))
	loca := f.glyphs + 1
	if f.longLoca {
		loca *= 2
	}
	if f.unitsPerEm == 0 || f.metrics == 0 || len(f.tables["loca"]) < 2*loca || len(f.tables["hmtx"]) < 4*f.metrics {
		return nil, errNotTrueType
	}
	return f, nil
}

// signed reads a signed number of a table in thousandths of an em.
func (f *trueType) signed(table string, offset int) int64 {
	return int64(int16(binary.BigEndian.Uint16(f.tables[table][offset:]))) * 1000 / f.unitsPerEm
}

// box is the bounding box of all glyphs in thousandths of an em.
func (f *trueType) box() [4]int64 {
	return [4]int64{f.signed("head", 36), f.signed("head", 38), f.signed("head", 40), f.signed("head", 42)}
}

// ascent and descent are the height above the line and, negative, below it.
func (f *trueType) ascent() int64  { return f.signed("hhea", 4) }
func (f *trueType) descent() int64 { return f.signed("hhea", 6) }

// width is the advance of a glyph in thousandths of an em.
func (f *trueType) width(glyph uint16) int64 {
	entry := min(int(glyph), f.metrics-1)
	return int64(binary.BigEndian.Uint16(f.tables["hmtx"][4*entry:])) * 1000 / f.unitsPerEm
}

// outline is the outline of a glyph; a space has none.
func (f *trueType) outline(glyph uint16) []byte {
	if int(glyph) >= f.glyphs {
		return nil
	}
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to uint32
	if f.longLoca {
		from, to = binary.BigEndian.Uint32(loca[4*int(glyph):]), binary.BigEndian.Uint32(loca[4*int(glyph)+4:])
	} else {
		from, to = 2*uint32(binary.BigEndian.Uint16(loca[2*int(glyph):])), 2*uint32(binary.BigEndian.Uint16(loca[2*int(glyph)+2:]))
	}
	if from > to || uint64(to) > uint64(len(glyf)) {
		return nil
	}
	return glyf[from:to]
}
