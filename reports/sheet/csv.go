// Package sheet writes a reports.Sheet for spreadsheet programs: as CSV and as
// XLSX.
package sheet

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"treasury-switch/internal/fault"
	"treasury-switch/reports"
)

// byteOrderMark tells spreadsheet programs that a file is UTF-8.
const byteOrderMark = "\ufeff"

// CSV writes the sheet as comma separated values (RFC 4180) in UTF-8 with a
// byte order mark. Texts that a spreadsheet program would take for a formula
// are guarded. It fails with fault.Unavailable if w does.
func CSV(w io.Writer, s reports.Sheet) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return fault.New(fault.Unavailable, "write CSV: %w", err)
	}
	rows := csv.NewWriter(w)
	rows.UseCRLF = true
	record := make([]string, len(s.Columns))
	for i, column := range s.Columns {
		record[i] = guarded(column.Title)
	}
	_ = rows.Write(record) // the writer keeps its first error
	for _, row := range s.Rows {
		record = record[:0]
		for _, cell := range row {
			record = append(record, plain(cell))
		}
		_ = rows.Write(record)
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return fault.New(fault.Unavailable, "write CSV: %w", err)
	}
	return nil
}

func plain(c reports.Cell) string {
	if c.Numeric {
		return strconv.FormatInt(c.Number, 10)
	}
	return guarded(c.Text)
}

// guarded puts an apostrophe before a text that begins like a formula: with
// =, +, -, @, a tab or a carriage return (OWASP, "CSV injection").
func guarded(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
