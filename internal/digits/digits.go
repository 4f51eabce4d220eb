// Package digits reads the decimal digits people type: Latin, Persian and Arabic.
package digits

import "strings"

// Of returns the Latin digit '0'..'9' of the same value as r, or -1. Persian digits
// are U+06F0..06F9, Arabic ones U+0660..0669.
func Of(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return r
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	}
	return -1
}

// Latin returns s with every Persian and Arabic digit replaced by the Latin one;
// everything else stays as it is. Text that needs no change is not copied.
func Latin(s string) string {
	for _, r := range s {
		if r > 0x7f && Of(r) >= 0 {
			return strings.Map(latinRune, s)
		}
	}
	return s
}

func latinRune(r rune) rune {
	if d := Of(r); d >= 0 {
		return d
	}
	return r
}

// Only reports whether s is at least one Latin digit and nothing else.
func Only(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) > 0
}

// Canonical gives a number as it is written without zeros before it and spaces around
// it, so that "00581672000" and "581672000 " compare as what they are: one number. What
// is not digits alone comes back as it is.
func Canonical(s string) string {
	number := strings.TrimSpace(s)
	if !Only(number) {
		return s
	}
	if number = strings.TrimLeft(number, "0"); number == "" {
		return "0"
	}
	return number
}
