package tariffs

import (
	"github.com/shopspring/decimal"

	"treasury-switch/money"
)

// Method is how a portion of a component is measured. The portions of one
// component use one method, except that InRial goes with one Remainder.
type Method string

// The methods of sharing.
const (
	// Parts shares in proportion to Portion.Parts.
	Parts Method = "parts"
	// InPercent shares by Portion.Percent; the percents sum to 100.
	InPercent Method = "percent"
	// InRial takes Portion.Amount first, in the order listed, as far as the
	// component reaches.
	InRial Method = "rial"
	// Remainder takes what the fixed portions leave.
	Remainder Method = "remainder"
)

// Portion is one beneficiary's part of a component.
type Portion struct {
	// Account is the code of a revenue or partner account, R-101-140101-01.
	Account string          `json:"account"`
	Method  Method          `json:"method"`
	Parts   int64           `json:"parts,omitempty"`
	Percent decimal.Decimal `json:"percent"`
	Amount  money.Rial      `json:"amount,omitempty"`
}
