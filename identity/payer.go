package identity

import (
	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// PayerKind is the kind of a payer's id.
type PayerKind string

// The kinds of payer id.
const (
	National  PayerKind = "NATIONAL"
	Legal     PayerKind = "LEGAL"
	Foreign   PayerKind = "FOREIGN"
	Passport  PayerKind = "PASSPORT"
	foreignAt           = 8  // fewest digits of a foreigner's number
	foreignTo           = 15 // most digits; practice, no official text is known
)

// PayerID names a payer: an id and its kind.
type PayerID struct {
	Kind  PayerKind
	Value string
}

// ParsePayerID reads an id of the kind given by name, or by the letter that
// field 48 PTY carries: N, L, F or P. It fails with ErrForm or ErrCheck.
func ParsePayerID(kind, value string) (PayerID, error) {
	switch kind {
	case "N", string(National):
		code, err := ParseNationalCode(value)
		return payer(National, string(code), err)
	case "L", string(Legal):
		id, err := ParseLegalID(value)
		return payer(Legal, string(id), err)
	case "F", string(Foreign):
		number, err := ParseForeignID(value)
		return payer(Foreign, string(number), err)
	case "P", string(Passport):
		number, err := ParsePassportNumber(value)
		return payer(Passport, string(number), err)
	}
	return PayerID{}, fault.New(fault.Invalid, "kind of payer id: %w", ErrForm)
}

func payer(kind PayerKind, value string, err error) (PayerID, error) {
	if err != nil {
		return PayerID{}, err
	}
	return PayerID{Kind: kind, Value: value}, nil
}

// IsZero reports whether this names nobody.
func (p PayerID) IsZero() bool { return p == PayerID{} }

// ForeignID is a foreign resident's number (شماره فراگیر): 8 to 15 digits; no
// check digit is known.
type ForeignID string

// ParseForeignID reads a foreign resident's number, or fails with ErrForm.
func ParseForeignID(s string) (ForeignID, error) {
	if len(s) < foreignAt || len(s) > foreignTo || !digits.Only(s) {
		return "", fault.New(fault.Invalid, "foreigner's number: %w", ErrForm)
	}
	return ForeignID(s), nil
}

// PassportNumber is the number of a passport of any country: up to nine
// capital letters and digits in the machine-readable zone (ICAO Doc 9303).
type PassportNumber string

// ParsePassportNumber reads five to nine capital letters and digits with at
// least one digit, or fails with ErrForm.
func ParsePassportNumber(s string) (PassportNumber, error) {
	numbers := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			numbers++
		case s[i] < 'A' || s[i] > 'Z':
			numbers = -len(s)
		}
	}
	if len(s) < 5 || len(s) > 9 || numbers < 1 {
		return "", fault.New(fault.Invalid, "passport number: %w", ErrForm)
	}
	return PassportNumber(s), nil
}
