package iransystem

import (
	"strings"
	"unicode"
)

// gap replaces omitted words. The code page has no ellipsis.
const gap = ".."

// shortened encodes a text that is longer than limit, visibly incomplete: its last words, up to a third of the room,
// its first words before them, and a gap between. The last words of a name or a legal source, such as its article,
// are often what identifies it. No word and no number is cut, unless the first word alone is too long.
func shortened(text []rune, limit int) []byte {
	words := strings.FieldsFunc(string(text), unicode.IsSpace)
	tail := lastWords(words, limit/3)
	head := firstWords(words[:len(words)-len(tail)], limit-length(tail)-len(gap)-len("  "))
	switch {
	case len(head) > 0 && len(tail) > 0:
		return shape([]rune(strings.Join(head, " ") + " " + gap + " " + strings.Join(tail, " ")))
	case len(head) > 0:
		return shape([]rune(strings.Join(head, " ") + " " + gap))
	}
	return begun(words, limit)
}

// firstWords returns as many first words as fit in limit bytes with the spaces between.
func firstWords(words []string, limit int) []string {
	n := 0
	for n < len(words) && length(words[:n+1]) <= limit {
		n++
	}
	return words[:n]
}

// lastWords is firstWords from the end; never all words.
func lastWords(words []string, limit int) []string {
	from := len(words)
	for from > 1 && length(words[from-1:]) <= limit {
		from--
	}
	return words[from:]
}

// length is how many bytes words take with the spaces between.
func length(words []string) int { return len(shape([]rune(strings.Join(words, " ")))) }

// begun is the start of a first word that is too long, without a partial number at its end.
func begun(words []string, limit int) []byte {
	if len(words) == 0 || limit < len(gap) {
		return nil
	}
	letters := []rune(words[0])
	for n := min(len(letters), 2*limit); n > 0; n-- { // two letters, lam and alef, can be one byte
		if n < len(letters) && isDigit(letters[n-1]) && isDigit(letters[n]) {
			continue
		}
		if out := shape(append(letters[:n:n], []rune(gap)...)); len(out) <= limit {
			return out
		}
	}
	return nil
}

// isDigit reports whether a rune is a digit as shape takes it.
func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '۰' && r <= '۹' }
