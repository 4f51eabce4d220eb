// Package reports makes documents for people to read and sign: price lists. It also
// works out what past payments would have brought under other tariffs. A report is first data, then a Document of pages or
// a Sheet of cells in one of two languages; the packages pdf and sheet below
// write those as files. Nothing here reads a database or a clock.
package reports
