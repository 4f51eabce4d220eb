package terminal

import (
	"treasury-switch/iso"
	"treasury-switch/switch/payment"
)

// codes maps the switch's codes to F39 towards terminals. Both use the codes of ISO 8583:1987; the table makes sure
// that none is forgotten.
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

// codeOf is the F39 for a code of the switch. The network's final declines are passed on unchanged, also those that
// only its dialect file knows. A value that is no response code is a bug of ours, and tells nothing about what was
// done.
func codeOf(c payment.Code) (code iso.Code, known bool) {
	if code, own := codes[c]; own {
		return code, true
	}
	return iso.Code(c), len(c) == 2 && alphanumeric(c[0]) && alphanumeric(c[1])
}

func alphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}
