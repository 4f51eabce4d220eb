package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// signature begins every COPY in binary form, before a word of flags and one of the length of an extension (PostgreSQL's
// manual, COPY, "Binary Format").
var signature = []byte("PGCOPY\n\xff\r\n\x00")

// binaryHeader is the whole beginning, with neither flags nor extension.
var binaryHeader = append(bytes.Clone(signature), make([]byte, 8)...)

// binaryEnd follows the last row.
var binaryEnd = []byte{0xff, 0xff}

var errTorn = errors.New("the rows in binary form are torn")

// splitRows cuts what COPY TO gives in binary form into rows of fields; a NULL is nil. The fields lie in the given bytes.
func splitRows(text []byte) ([][][]byte, error) {
	if len(text) < len(binaryHeader) || !bytes.HasPrefix(text, signature) {
		return nil, errTorn
	}
	extension := binary.BigEndian.Uint32(text[len(signature)+4:])
	rest := text[len(binaryHeader):]
	if uint64(extension) > uint64(len(rest)) {
		return nil, errTorn
	}
	rest = rest[extension:]
	var rows [][][]byte
	for {
		if len(rest) < 2 {
			return nil, errTorn
		}
		if bytes.Equal(rest[:2], binaryEnd) {
			return rows, nil
		}
		var row [][]byte
		var err error
		if row, rest, err = splitRow(rest); err != nil {
			return nil, fmt.Errorf("row %d: %w", len(rows)+1, err)
		}
		rows = append(rows, row)
	}
}

func splitRow(text []byte) (row [][]byte, rest []byte, err error) {
	fields := int(binary.BigEndian.Uint16(text))
	rest = text[2:]
	for range fields {
		if len(rest) < 4 {
			return nil, nil, errTorn
		}
		size := int32(binary.BigEndian.Uint32(rest))
		rest = rest[4:]
		if size < 0 {
			row = append(row, nil)
			continue
		}
		if int(size) > len(rest) {
			return nil, nil, errTorn
		}
		row, rest = append(row, rest[:size:size]), rest[size:]
	}
	return row, rest, nil
}

// appendRow adds a row in binary form and returns where each of its fields begins.
func appendRow(to []byte, row [][]byte) ([]byte, []int) {
	to = binary.BigEndian.AppendUint16(to, uint16(len(row)))
	places := make([]int, len(row))
	for i, field := range row {
		if field == nil {
			to = binary.BigEndian.AppendUint32(to, ^uint32(0))
			continue
		}
		to = binary.BigEndian.AppendUint32(to, uint32(len(field)))
		places[i] = len(to)
		to = append(to, field...)
	}
	return to, places
}
