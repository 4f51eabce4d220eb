// Package dossier gathers what is recorded of one payment, for whoever shows it to people: everything that happened to it, and why it was
// charged what it was. It reads and returns data; words and tables are for the caller.
package dossier
