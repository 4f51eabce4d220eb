// Package iransystem turns Persian text into the bytes of the Iran System code
// page and back. Fields 43 and 44 and the citations of field 48 carry it.
//
// Iran System has a byte for each shape of a letter (isolated, final, medial,
// initial), not for each letter: encoding chooses the shape from the
// neighbours, decoding forgets it. It is a code page for screens and printers
// that draw bytes from left to right, so its texts are usually stored in visual
// order: the last letter read comes first, while numbers and Latin words keep
// their own order. Every public converter does so, and the shipped dialects
// follow. Some hosts store the first letter read first, so the order is an
// argument here and a setting of the dialect file.
//
// It is a codec for the edge: inside the program all text is UTF-8.
package iransystem
