package network

import (
	"strconv"
	"strings"

	"treasury-switch/internal/digits"
	"treasury-switch/iso"
)

// Differences names the fields in which a message does not match a request: "F11 F41", or "" if it is the request's
// answer. The fields of the key must be the same: message class, F7, F11 and F41. F32, F37 and F42 are compared as
// numbers, F3 by its first two digits, and F2 by its displayable digits, the first six and last four; one of these
// that either side omits is no difference. The amount (F4, F49) is checked with the payment.
func Differences(request, answer *iso.Message) string {
	var all []string
	if request.MTI.Class() != answer.MTI.Class() {
		all = append(all, "MTI")
	}
	for _, rule := range agreements {
		if !rule.agree(request.Get(rule.field), answer.Get(rule.field)) {
			all = append(all, "F"+strconv.Itoa(rule.field))
		}
	}
	return strings.Join(all, " ")
}

// agreements are in the order of the fields.
var agreements = [...]struct {
	field int
	agree func(asked, said string) bool
}{
	{iso.FieldPAN, either(sameCard)},
	{iso.FieldProcessing, either(sameKind)},
	{iso.FieldTransmission, same},
	{iso.FieldSTAN, same},
	{iso.FieldAcquirer, either(sameNumber)},
	{iso.FieldRRN, either(sameNumber)},
	{iso.FieldTerminal, sameTerminal},
	{iso.FieldAcceptor, either(sameNumber)},
}

// either accepts a value that is absent, or a fixed field of spaces.
func either(agree func(asked, said string) bool) func(asked, said string) bool {
	return func(asked, said string) bool {
		return asked == said || strings.Trim(asked, " ") == "" || strings.Trim(said, " ") == "" || agree(asked, said)
	}
}

func same(asked, said string) bool { return asked == said }

// sameTerminal compares terminals as padded on the wire.
func sameTerminal(asked, said string) bool {
	return strings.TrimRight(asked, " ") == strings.TrimRight(said, " ")
}

func sameNumber(asked, said string) bool { return digits.Canonical(asked) == digits.Canonical(said) }

// sameKind compares the transaction type; the rest of F3 are accounts, which a network may fill in.
func sameKind(asked, said string) bool { return len(asked) >= 2 && strings.HasPrefix(said, asked[:2]) }

// sameCard compares the displayable digits of card numbers; some networks mask the rest.
func sameCard(asked, said string) bool {
	const first, last = 6, 4
	return len(asked) >= first+last && len(said) >= first+last &&
		asked[:first] == said[:first] && asked[len(asked)-last:] == said[len(said)-last:]
}
