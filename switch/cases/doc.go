// Package cases covers the payments that only people can settle: the list of open cases, the dossier of a payment,
// and the proposal and decision of two persons, which the recorder carries out.
package cases
