package terminal

import (
	"treasury-switch/iso"
	"treasury-switch/switch/payment"
)

// codes are the switch's own codes as F39 towards terminals. Both sides take their
// codes from ISO 8583:1987, so that the table says no more than that none is
// forgotten.
var codes = map[payment.Code]iso.Code{
	payment.OK:              iso.RC00Approved,
	payment.DoNotHonour:     iso.RC05DoNotHonour,
	payment.InvalidAcceptor: iso.RC03InvalidAcceptor,
	payment.InProgress:      iso.RC09InProgress,
	payment.InvalidRequest:  iso.RC12InvalidTransaction,
	payment.InvalidAmount:   iso.RC13InvalidAmount,
	payment.InvalidCard:     iso.RC14InvalidCard,
	payment.NoOriginal:      iso.RC25OriginalNotFound,
	payment.FormatError:     iso.RC30FormatError,
	payment.UnknownTerminal: iso.RC58NotPermittedTerminal,
	payment.OverLimit:       iso.RC61OverAmountLimit,
	payment.OutcomeUnknown:  iso.RC68AnsweredTooLate,
	payment.DaySettled:      iso.RC77WrongBusinessDay,
	payment.Inoperative:     iso.RC91Inoperative,
	payment.Duplicate:       iso.RC94Duplicate,
	payment.SystemError:     iso.RC96SystemMalfunction,
}

// codeOf is the F39 for a code of the switch. The network's final declines are passed
// on as they came, also those that only its dialect file knows. What is no response
// code at all is a bug of ours, and says nothing of what was done.
func codeOf(c payment.Code) (code iso.Code, known bool) {
	if code, own := codes[c]; own {
		return code, true
	}
	return iso.Code(c), len(c) == 2 && alphanumeric(c[0]) && alphanumeric(c[1])
}

func alphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
