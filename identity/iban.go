package identity

import (
	"strings"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// IBAN is an Iranian account number (شبا): "IR", two check digits, three
// digits of the bank and nineteen of the account; 26 characters.
type IBAN string

// ibanLength is the length of an Iranian IBAN (ISO 13616 registry: IR2!n3!n19!n).
const ibanLength = 26

// ParseIBAN reads an IBAN whose check digits are right (ISO 7064 mod 97-10).
// The country may be in lower case and groups may be set off by spaces, as on
// paper; the result has neither. It fails with ErrForm or ErrCheck.
func ParseIBAN(s string) (IBAN, error) {
	text := strings.ToUpper(strings.ReplaceAll(s, " ", ""))
	if len(text) != ibanLength || text[:2] != "IR" || !digits.Only(text[2:]) {
		return "", fault.New(fault.Invalid, "IBAN: %w", ErrForm)
	}
	remainder := 0
	// I is 18 and R is 27; country and check digits move to the end.
	for _, c := range []byte(text[4:] + "1827" + text[2:4]) {
		remainder = (remainder*10 + int(c-'0')) % 97
	}
	if remainder != 1 {
		return "", fault.New(fault.Invalid, "IBAN: %w", ErrCheck)
	}
	return IBAN(text), nil
}

// BankCode returns the three digits that name the bank (characters 5 to 7);
// empty for no IBAN.
func (i IBAN) BankCode() string {
	if len(i) != ibanLength {
		return ""
	}
	return string(i[4:7])
}

// AtCentralBank reports whether the account is held at the Central Bank, as
// the revenue accounts of the state are (constitution, article 53).
func (i IBAN) AtCentralBank() bool { return i.BankCode() == "010" }

// LooksLikeTreasury reports whether the number follows the pattern seen on
// published revenue accounts: IR cc 010 000 PPPP AAAA SSSSSSSS with PPPP 4001
// for the national treasury or 4051 to 4081 for a provincial one. The pattern
// is inferred: good for a warning, never for a refusal.
func (i IBAN) LooksLikeTreasury() bool {
	if !i.AtCentralBank() || i[7:10] != "000" {
		return false
	}
	province := i[10:14]
	return province == "4001" || province >= "4051" && province <= "4081"
}

// String returns the IBAN without spaces.
func (i IBAN) String() string { return string(i) }
