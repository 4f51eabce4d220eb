package promrule

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// tokens splits an expression into names, numbers, durations, quoted texts and signs.
func tokens(text string) ([]string, error) {
	var all []string
	for i := 0; i < len(text); {
		rest := text[i:]
		switch c := rest[0]; {
		case unicode.IsSpace(rune(c)):
			i++
			continue
		case c == '"':
			end := 1
			for end < len(rest) && rest[end] != '"' {
				if rest[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(rest) {
				return nil, fmt.Errorf("a text is not closed: %s", rest)
			}
			all = append(all, rest[:end+1])
		case named(rune(c)):
			all = append(all, rest[:spanOf(rest, func(r rune) bool { return named(r) || unicode.IsDigit(r) })])
		case unicode.IsDigit(rune(c)) || c == '.':
			all = append(all, rest[:spanOf(rest, func(r rune) bool { return unicode.IsDigit(r) || r == '.' || unicode.IsLetter(r) })])
		default:
			sign := rest[:1]
			for _, two := range []string{"==", "!=", ">=", "<=", "=~", "!~"} {
				if strings.HasPrefix(rest, two) {
					sign = two
				}
			}
			if !strings.Contains("(){}[],=<>+-*/", sign[:1]) && len(sign) == 1 {
				return nil, fmt.Errorf("sign %q is not known", sign)
			}
			all = append(all, sign)
		}
		i += len(all[len(all)-1])
	}
	return all, nil
}

// named reports whether a rune may begin a name.
func named(r rune) bool { return unicode.IsLetter(r) || r == '_' || r == ':' }

func spanOf(text string, holds func(rune) bool) int {
	for i, r := range text {
		if !holds(r) {
			return i
		}
	}
	return len(text)
}

// duration reads a duration of one unit, as 5m or 1d.
func duration(text string) (time.Duration, error) {
	if strings.HasSuffix(text, "d") {
		text = strings.TrimSuffix(text, "d") + "h"
		d, err := time.ParseDuration(text)
		return 24 * d, err
	}
	return time.ParseDuration(text)
}
