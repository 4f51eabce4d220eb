package identity

import (
	"strings"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// NationalCode is a person's national code (کد ملی): ten digits, the last a
// check digit.
type NationalCode string

// ParseNationalCode reads a national code. Eight or nine digits are padded with
// zeros on the left, because spreadsheets drop them. It fails with ErrForm,
// also for ten equal digits, or ErrCheck.
func ParseNationalCode(s string) (NationalCode, error) {
	if len(s) == 8 || len(s) == 9 {
		s = "00"[:10-len(s)] + s
	}
	if len(s) != 10 || !digits.Only(s) || strings.Count(s, s[:1]) == 10 {
		return "", fault.New(fault.Invalid, "national code: %w", ErrForm)
	}
	sum := 0
	for i := range 9 {
		sum += int(s[i]-'0') * (10 - i)
	}
	if int(s[9]-'0') != elevens(sum) {
		return "", fault.New(fault.Invalid, "national code: %w", ErrCheck)
	}
	return NationalCode(s), nil
}

// elevens is the check digit of a national code's weighted sum: the remainder
// by 11 where it is 0 or 1, otherwise 11 less the remainder.
func elevens(sum int) int {
	r := sum % 11
	if r < 2 {
		return r
	}
	return 11 - r
}

// LegalID is the national id of a legal entity (شناسه ملی): eleven digits, the
// last a check digit.
type LegalID string

var legalWeights = [10]int{29, 27, 23, 19, 17, 29, 27, 23, 19, 17}

// ParseLegalID reads a legal entity's id. It fails with ErrForm, also where
// digits four to nine are all zero, or ErrCheck.
func ParseLegalID(s string) (LegalID, error) {
	if len(s) != 11 || !digits.Only(s) || s[3:9] == "000000" {
		return "", fault.New(fault.Invalid, "legal id: %w", ErrForm)
	}
	shift := int(s[9]-'0') + 2
	sum := 0
	for i, weight := range legalWeights {
		sum += (int(s[i]-'0') + shift) * weight
	}
	if int(s[10]-'0') != sum%11%10 {
		return "", fault.New(fault.Invalid, "legal id: %w", ErrCheck)
	}
	return LegalID(s), nil
}

// PostalCode is a postal code (کد پستی): ten digits without a check digit.
type PostalCode string

// ParsePostalCode reads a postal code: no 0 and no 2 among the first five
// digits, and the first four not all equal. It fails with ErrForm.
func ParsePostalCode(s string) (PostalCode, error) {
	if len(s) != 10 || !digits.Only(s) || strings.ContainsAny(s[:5], "02") || strings.Count(s[:4], s[:1]) == 4 {
		return "", fault.New(fault.Invalid, "postal code: %w", ErrForm)
	}
	return PostalCode(s), nil
}

// Mobile is a mobile number of Iran in the form of E.164: "+989" and nine digits.
type Mobile string

// ParseMobile reads a mobile number as people write it: +98, 0098, 98, 0 or
// nothing, then 9 and nine digits. It fails with ErrForm.
func ParseMobile(s string) (Mobile, error) {
	for _, prefix := range []string{"+98", "0098", "98", "0", ""} {
		rest, found := strings.CutPrefix(s, prefix)
		if found && len(rest) == 10 && rest[0] == '9' && digits.Only(rest) {
			return Mobile("+98" + rest), nil
		}
	}
	return "", fault.New(fault.Invalid, "mobile number: %w", ErrForm)
}
