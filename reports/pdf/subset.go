package pdf

import (
	"encoding/binary"
	"slices"
)

// kept are the tables of an embedded font (ISO 32000-1, 9.9). The others serve
// shaping, which is done.
var kept = []string{"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"}

// Flags of a part of a composite glyph (OpenType, "glyf").
const (
	wordArguments = 0x0001
	scaled        = 0x0008
	moreParts     = 0x0020
	scaledXY      = 0x0040
	twoByTwo      = 0x0080
)

// subset makes a font file with the outlines of the glyphs given, and of those
// they are composed of. Glyphs keep their numbers.
func (f *trueType) subset(glyphs []uint16) []byte {
	wanted := f.closure(glyphs)
	glyf, loca := make([]byte, 0, 1<<14), make([]byte, 0, 4*(f.glyphs+1))
	for glyph := range f.glyphs {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		if wanted[uint16(glyph)] {
			glyf = padded(append(glyf, f.outline(uint16(glyph))...))
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint32(head[8:], 0)  // the checksum is made without itself
	binary.BigEndian.PutUint16(head[50:], 1) // loca in long form
	return assemble(func(tag string) []byte {
		switch tag {
		case "glyf":
			return glyf
		case "loca":
			return loca
		case "head":
			return head
		}
		return f.tables[tag]
	})
}

// closure adds the parts of composite glyphs, and .notdef, which every font has.
func (f *trueType) closure(glyphs []uint16) map[uint16]bool {
	wanted := map[uint16]bool{0: true}
	queue := slices.Clone(glyphs)
	for len(queue) > 0 {
		glyph := queue[0]
		queue = queue[1:]
		if !wanted[glyph] {
			wanted[glyph] = true
			queue = append(queue, parts(f.outline(glyph))...)
		}
	}
	return wanted
}

// parts lists the glyphs that a composite glyph is made of.
func parts(outline []byte) []uint16 {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return nil
	}
	var found []uint16
	for at := 10; at+4 <= len(outline); {
		flags := binary.BigEndian.Uint16(outline[at:])
		found = append(found, binary.BigEndian.Uint16(outline[at+2:]))
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&scaled != 0:
			at += 2
		case flags&scaledXY != 0:
			at += 4
		case flags&twoByTwo != 0:
			at += 8
		}
		if flags&moreParts == 0 {
			break
		}
	}
	return found
}

// assemble writes a font file of the kept tables that there are.
func assemble(table func(tag string) []byte) []byte {
	tags := slices.DeleteFunc(slices.Clone(kept), func(tag string) bool { return len(table(tag)) == 0 })
	n := uint16(len(tags))
	power, exponent := uint16(1), uint16(0)
	for power*2 <= n {
		power, exponent = power*2, exponent+1
	}
	file := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, number := range []uint16{n, power * 16, exponent, (n - power) * 16} {
		file = binary.BigEndian.AppendUint16(file, number)
	}
	var body []byte
	start, headAt := 12+16*len(tags), 0
	for _, tag := range tags {
		content := table(tag)
		if tag == "head" {
			headAt = start + len(body)
		}
		file = append(file, tag...)
		for _, number := range []uint32{checksum(content), uint32(start + len(body)), uint32(len(content))} {
			file = binary.BigEndian.AppendUint32(file, number)
		}
		body = padded(append(body, content...))
	}
	file = append(file, body...)
	binary.BigEndian.PutUint32(file[headAt+8:], 0xB1B0AFBA-checksum(file))
	return file
}

// padded fills up to a multiple of four bytes.
func padded(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// checksum is the sum of a table's 32-bit numbers.
func checksum(b []byte) uint32 {
	var sum uint32
	for at := 0; at < len(b); at += 4 {
		var word [4]byte
		copy(word[:], b[at:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
