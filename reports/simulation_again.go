package reports

import (
	"errors"

	"treasury-switch/calendar"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// Why a payment cannot be priced again.
const (
	otherInputs = "by the tariffs in force, what is recorded of the payment does not cost what was paid"
	otherPrice  = "no price under the other tariff"
)

// reasons are the errors of a quote that name an input that was not recorded, or
// another obstacle. Their texts are those of the errors.
var reasons = []error{tariffs.ErrMissingUnits, tariffs.ErrMissingBase, tariffs.ErrMissingDue, tariffs.ErrMissingFirstYear,
	tariffs.ErrMissingOption, tariffs.ErrUnknownOption, tariffs.ErrUnknownCategory, tariffs.ErrNoVersion, tariffs.ErrUnknownService, tariffs.ErrTooLarge}

// again prices a payment under the other tariff, or returns why it cannot. The
// tariff of its days must give what was paid first: otherwise something else
// decided the price then, and the other price would be a guess.
func (s *Simulator) again(p payment.RecordedPrice) (money.Rial, string) {
	inputs := inputsOf(p)
	known, err := s.present.Quote(inputs)
	if err != nil {
		return 0, reason(err)
	}
	if known.Total != p.Amount {
		return 0, otherInputs
	}
	other, err := s.tried.Quote(inputs)
	if err != nil {
		return 0, reason(err)
	}
	return other.Total, ""
}

// inputsOf is the request by which a payment was priced.
func inputsOf(p payment.RecordedPrice) tariffs.Request {
	return p.Price.Request(calendar.DateOf(p.OpenedAt))
}

func reason(err error) string {
	for _, known := range reasons {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return otherPrice
}
