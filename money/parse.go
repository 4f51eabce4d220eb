package money

import (
	"strconv"
	"strings"

	"treasury-switch/internal/digits"
	"treasury-switch/internal/fault"
)

// Parse reads an amount as a person writes it: Latin, Persian or Arabic digits,
// with or without groups of three set off by ',' or '٬' (U+066C). Signs,
// decimals, spaces inside and groups of another length are refused
// (fault.Invalid), because a slip in an amount must never be guessed away. The error does not repeat the
// text: people type card numbers into every field.
func Parse(s string) (Rial, error) {
	text := digits.Latin(strings.TrimSpace(s))
	text = strings.ReplaceAll(text, "٬", ",")
	groups := strings.Split(text, ",")
	for i, group := range groups {
		if !digits.Only(group) || !groupFits(i, len(groups), len(group)) {
			return 0, fault.New(fault.Invalid, "amount: want digits, in groups of three if separated")
		}
	}
	n, err := strconv.ParseInt(strings.Join(groups, ""), 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "amount: %w", ErrOverflow)
	}
	return Rial(n), nil
}

// groupFits reports whether the group at this place may have this many digits:
// the only one any, the first of several one to three, the others three.
func groupFits(place, groups, length int) bool {
	switch {
	case groups == 1:
		return true
	case place == 0:
		return length <= 3
	}
	return length == 3
}
