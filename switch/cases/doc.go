// Package cases is what people do about payments that the program cannot end by itself: the
// list of those that wait, the dossier of one, and the proposal and the decision of two
// persons, which the recorder carries out.
package cases
