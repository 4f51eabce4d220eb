package ledger

import (
	"maps"

	"treasury-switch/money"
)

// checkReversal checks a reversing journal against the one it names. It is in the same book of the same payment, and it
// takes back exactly what the original credited: from the same accounts, the same amounts, never more, never less, never
// a part. Where the money goes instead is the caller's decision (suspense while the network has not answered, clearing
// when it has). The errors are fault.Invalid. Recovery matrix, row G15.
func checkReversal(original, reversal Journal) error {
	if err := Check(reversal); err != nil {
		return err
	}
	same := reversal.Agency == original.Agency && reversal.Book == original.Book && reversal.ID == original.ID
	if !same || reversal.Reverses != original.Version {
		return invalid("journal %s does not name %s as the one it reverses", reversal.name(), original.name())
	}
	credited := sums(original.Transfers, func(t Transfer) AccountID { return t.Credit })
	takenBack := sums(reversal.Transfers, func(t Transfer) AccountID { return t.Debit })
	if !maps.Equal(credited, takenBack) {
		return invalid("journal %s does not take back exactly what %s credited", reversal.name(), original.name())
	}
	return nil
}

// sums adds up the amounts of one side by account.
func sums(transfers []Transfer, side func(Transfer) AccountID) map[AccountID]money.Rial {
	sum := make(map[AccountID]money.Rial, len(transfers))
	for _, t := range transfers {
		sum[side(t)] += t.Amount
	}
	return sum
}
