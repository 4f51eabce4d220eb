package tariffs

import (
	"fmt"
	"strings"
)

// invisibles are the characters that nobody sees and that change what people
// read: the controls of the bidirectional algorithm, which can show a text in
// another order than it is stored in (Unicode Standard Annex 9), and marks that
// make two texts differ that look the same. The zero-width joiners are not among
// them: they are spelling.
var invisibles = map[rune]string{
	0x00AD: "SOFT HYPHEN", 0x061C: "ARABIC LETTER MARK", 0x200B: "ZERO WIDTH SPACE", 0x200E: "LEFT-TO-RIGHT MARK", 0x200F: "RIGHT-TO-LEFT MARK",
	0x202A: "LEFT-TO-RIGHT EMBEDDING", 0x202B: "RIGHT-TO-LEFT EMBEDDING", 0x202C: "POP DIRECTIONAL FORMATTING",
	0x202D: "LEFT-TO-RIGHT OVERRIDE", 0x202E: "RIGHT-TO-LEFT OVERRIDE", 0x2060: "WORD JOINER", 0x2066: "LEFT-TO-RIGHT ISOLATE",
	0x2067: "RIGHT-TO-LEFT ISOLATE", 0x2068: "FIRST STRONG ISOLATE", 0x2069: "POP DIRECTIONAL ISOLATE", 0xFEFF: "BYTE ORDER MARK",
}

// invisible names the first such character of a text; empty if there is none.
func invisible(text string) string {
	at := strings.IndexFunc(text, func(r rune) bool { return invisibles[r] != "" })
	if at < 0 {
		return ""
	}
	for _, r := range text[at:] {
		return fmt.Sprintf("U+%04X %s", r, invisibles[r])
	}
	return ""
}
