// Package identity parses the identifiers of people, companies, cards, accounts
// and bills into types that cannot be wrong: who holds a value of such a type
// holds one whose form and check digits were verified.
//
// Parsers are strict and take Latin digits; what people type goes through
// Normalise first, at the edge. Secrets (card numbers, tracks, PIN blocks,
// CVV2) mask themselves in every way of printing. Errors never repeat the text:
// people type card numbers into every field.
package identity
