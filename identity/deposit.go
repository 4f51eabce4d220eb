package identity

import (
	"slices"
	"strconv"
	"strings"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// DepositID is the treasury's 30-digit id of a credit to a revenue account
// (شناسه واریز): type, two check digits, fourteen digits of the revenue line,
// thirteen of the agency's own reference.
type DepositID string

// The types of deposit id: the first digit.
const (
	AmountBound = '2' // the check digits cover the amount
	Constant    = '3' // not bound to an amount
)

// NoDepositID means 'no id' in a split over several accounts.
const NoDepositID DepositID = "000000000000000000000000000000"

const (
	depositLength       = 30
	depositAmountDigits = 15
)

// ParseDepositID reads a deposit id that goes with an amount in rial; the
// amount counts only where the id is bound to it. It fails with ErrForm or
// ErrCheck. NoDepositID is not an id of a deposit and fails with ErrForm.
func ParseDepositID(s string, amount money.Rial) (DepositID, error) {
	if len(s) != depositLength || !digits.Only(s) || s[0] != AmountBound && s[0] != Constant {
		return "", fault.New(fault.Invalid, "deposit id: %w", ErrForm)
	}
	made, err := NewDepositID(s[0], s[3:17], s[17:], amount)
	if err != nil {
		return "", err
	}
	if string(made) != s {
		return "", fault.New(fault.Invalid, "deposit id: %w", ErrCheck)
	}
	return made, nil
}

// NewDepositID makes the id of a deposit from its type (AmountBound or
// Constant), the fourteen digits of the revenue line, the agency's reference of
// thirteen digits and, where bound, the amount in rial. It fails with ErrForm.
func NewDepositID(kind byte, line, reference string, amount money.Rial) (DepositID, error) {
	if len(line) != 14 || len(reference) != 13 || !digits.Only(line) || !digits.Only(reference) {
		return "", fault.New(fault.Invalid, "deposit id: %w", ErrForm)
	}
	bound := ""
	switch kind {
	case AmountBound:
		bound = strconv.FormatInt(int64(amount), 10)
		if amount < 0 || len(bound) > depositAmountDigits {
			return "", fault.New(fault.Invalid, "deposit id: amount: %w", ErrForm)
		}
		bound = strings.Repeat("0", depositAmountDigits-len(bound)) + bound
	case Constant:
	default:
		return "", fault.New(fault.Invalid, "deposit id: type: %w", ErrForm)
	}
	body := string(kind) + line + reference
	first := Verhoeff(body + bound)
	second := Verhoeff(reversed(body) + reversed(bound))
	return DepositID(string(kind) + string(first) + string(second) + line + reference), nil
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
