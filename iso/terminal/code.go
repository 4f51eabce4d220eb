package terminal

import (
	"treasury-switch/iso"
	"treasury-switch/switch"
)

// codes are the switch's own codes as F39 towards terminals. Both sides take their
// codes from ISO 8583:1987, so that the table says no more than that none is
// forgotten.
var codes = map[switching.Code]iso.Code{
	switching.OK:              iso.RC00Approved,
	switching.DoNotHonour:     iso.RC05DoNotHonour,
	switching.InvalidAcceptor: iso.RC03InvalidAcceptor,
	switching.InProgress:      iso.RC09InProgress,
	switching.InvalidRequest:  iso.RC12InvalidTransaction,
	switching.InvalidAmount:   iso.RC13InvalidAmount,
	switching.InvalidCard:     iso.RC14InvalidCard,
	switching.NoOriginal:      iso.RC25OriginalNotFound,
	switching.FormatError:     iso.RC30FormatError,
	switching.UnknownTerminal: iso.RC58NotPermittedTerminal,
	switching.OverLimit:       iso.RC61OverAmountLimit,
	switching.OutcomeUnknown:  iso.RC68AnsweredTooLate,
	switching.DaySettled:      iso.RC77WrongBusinessDay,
	switching.Inoperative:     iso.RC91Inoperative,
	switching.Duplicate:       iso.RC94Duplicate,
	switching.SystemError:     iso.RC96SystemMalfunction,
}

// codeOf is the F39 for a code of the switch. The network's final declines are passed
// on as they came, also those that only its dialect file knows. What is no response
// code at all is a bug of ours, and says nothing of what was done.
func codeOf(c switching.Code) (code iso.Code, known bool) {
	if code, own := codes[c]; own {
		return code, true
	}
	return iso.Code(c), len(c) == 2 && alphanumeric(c[0]) && alphanumeric(c[1])
}

func alphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
