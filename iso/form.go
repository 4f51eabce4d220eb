package iso

import "treasury-switch/internal/digits"

// form is a rule on the content of a field beyond its characters.
type form uint8

const (
	formAny form = iota
	formDate
	formTime
	formStamp
	formTrack2
	formOriginal
)

var formNames = map[string]form{
	"": formAny, "mmdd": formDate, "hhmmss": formTime, "mmddhhmmss": formStamp,
	"track2": formTrack2, "original": formOriginal,
}

// reject returns why a value of the right characters and length breaks the rule, or "".
func (r form) reject(v string) string {
	switch r {
	case formDate:
		if !validDate(v) {
			return "is not a date MMDD"
		}
	case formTime:
		if !validTime(v) {
			return "is not a time hhmmss"
		}
	case formStamp:
		if len(v) != 10 || !validDate(v[:4]) || !validTime(v[4:]) {
			return "is not a date and time MMDDhhmmss"
		}
	case formTrack2:
		if !validTrack2(v) {
			return "is not a card number, a separator and an expiry"
		}
	case formOriginal:
		if _, err := ParseOriginalData(v); err != nil {
			return "does not name an original message"
		}
	}
	return ""
}

// monthDays has 29 for February: MMDD on the wire has no year.
var monthDays = [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func validDate(mmdd string) bool {
	if len(mmdd) != 4 || !digits.Only(mmdd) {
		return false
	}
	month, day := pair(mmdd), pair(mmdd[2:])
	return month >= 1 && month <= 12 && day >= 1 && day <= monthDays[month-1]
}

func validTime(hhmmss string) bool {
	return len(hhmmss) == 6 && digits.Only(hhmmss) &&
		pair(hhmmss) < 24 && pair(hhmmss[2:]) < 60 && pair(hhmmss[4:]) < 60
}

// validTrack2 requires 12 to 19 digits, one separator and at least the four digits of the expiry (ISO/IEC 7813).
func validTrack2(v string) bool {
	for i := 0; i < len(v); i++ {
		if v[i] == '=' || v[i] == 'D' {
			rest := v[i+1:]
			return i >= 12 && i <= 19 && len(rest) >= 4 && digits.Only(rest)
		}
	}
	return false
}

// pair reads two digits.
func pair(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }
