package reports

import "time"

// Document is a report for paper: one table in groups, with a head and a foot
// on every page. All texts are in its language already.
type Document struct {
	Language Language
	Title    string
	// Facts are short lines below the title: for which day, in which unit.
	Facts []string
	// Columns are in reading order: the first is on the right in Persian.
	Columns []Column
	Groups  []Group
	// Empty is printed in place of the table if there is no group.
	Empty string
	// Foot is printed at the foot of every page, beside the page's number.
	Foot string
	// Made is when the document was made, for its properties.
	Made time.Time
}

// Column is a column of a document. Widths count in proportion to each other.
type Column struct {
	Title string
	Width int64
}

// Group is a part of a document under one heading.
type Group struct {
	Title string
	Items []Item
}

// Item is one entry of a group: a line with its name and, at the other end, a
// summary; and its rows, one text for each column.
// Texts may hold line breaks.
type Item struct {
	Title string
	Side  string
	Rows  [][]string
}

// Sheet is a report to work with: a head and rows of cells.
type Sheet struct {
	Language Language
	Name     string
	// Made is when the sheet was made, for its properties.
	Made    time.Time
	Columns []SheetColumn
	Rows    [][]Cell
}

// SheetColumn is a column of a sheet.
type SheetColumn struct {
	Title string
	Width Width
}

// Width is how much room a column of a sheet gets.
type Width int

// The widths of columns: for codes and amounts, for names, for sentences.
const (
	Narrow Width = iota
	Medium
	Wide
)

// Cell is a text or a whole number.
type Cell struct {
	Text    string
	Number  int64
	Numeric bool
}

// Text makes a cell that holds a text.
func Text(s string) Cell { return Cell{Text: s} }

// Number makes a cell that can be added up.
func Number(n int64) Cell { return Cell{Number: n, Numeric: true} }
