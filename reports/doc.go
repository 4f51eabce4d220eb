// Package reports makes documents for people to read and sign: price lists and
// trials of new tariffs. A report is first data, then a Document of pages or
// a Sheet of cells in one of two languages; the packages pdf and sheet below
// write those as files. Nothing here reads a database or a clock.
package reports
