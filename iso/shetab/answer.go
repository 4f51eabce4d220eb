package shetab

import (
	"errors"
	"strings"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"
)

// errIncomplete: an answer that reports a debit must give its amount.
var errIncomplete = errors.New("it says that the card was debited without amount (F4) or currency (F49)")

// reader reads the network's answers.
type reader struct {
	dialect *iso.Dialect
	now     func() time.Time
}

// answered reads a 0210. After an error it cannot be trusted; faults of form in the fields that matter are such
// errors.
func (r reader) answered(m *iso.Message) (payment.Answered, error) {
	var a iso.PurchaseAnswer
	faults := a.Decode(m)
	word := r.word(a.Code)
	if debited := word == payment.SaidApproved || word == payment.SaidPartial; debited {
		if !m.Has(iso.FieldAmount) || !m.Has(iso.FieldCurrency) {
			return payment.Answered{}, errIncomplete
		}
		// An invalid card number or track in the answer changes nothing.
		for _, f := range faults {
			if f.Field == 0 || f.Field == iso.FieldAmount || f.Field == iso.FieldCode {
				return payment.Answered{}, faults
			}
		}
	}
	if a.Code == "" {
		return payment.Answered{}, faults
	}
	return payment.Answered{
		Word: word, Code: payment.Code(a.Code), Approval: strings.TrimSpace(a.Approval), Amount: a.Amount,
		Currency: m.Get(iso.FieldCurrency) == iso.CurrencyRial, Day: r.day(m),
	}, nil
}

// word is the meaning of a response code for a debit, by the dialect's classes. 10 means a partial approval, unless
// the dialect classifies it otherwise.
func (r reader) word(code iso.Code) payment.Word {
	switch class := r.dialect.ClassOfAnswer(code); {
	case class == iso.ClassApproved:
		return payment.SaidApproved
	case class == iso.ClassFinal:
		return payment.SaidDeclined
	case code == iso.RC10Partial:
		return payment.SaidPartial
	}
	return payment.SaidUnknown
}

// reversed reads a 0410 or 0430. The switch adds the rejects so far and their limit.
func (r reader) reversed(m *iso.Message) (payment.ReversalAnswered, error) {
	var a iso.ReversalAnswer
	if faults := a.Decode(m); a.Code == "" {
		return payment.ReversalAnswered{}, faults
	}
	return payment.ReversalAnswered{Word: r.reversalWord(a.Code), Code: payment.Code(a.Code), Day: r.day(m)}, nil
}

// reversalWord is the meaning of a response code for a reversal. An unknown code is no reject: the reversal is sent
// again.
func (r reader) reversalWord(code iso.Code) payment.ReversalWord {
	switch r.dialect.ClassOfReversalAnswer(code) {
	case iso.ReversalDone:
		return payment.ReversalDone
	case iso.ReversalNotFound:
		return payment.ReversalNotFound
	case iso.ReversalReject:
		if code.Known() {
			return payment.ReversalRefused
		}
	}
	return payment.ReversalUnclear
}

// day is F15 in the year nearest to now, or zero if it is absent or invalid: the switch handles an undated approval.
func (r reader) day(m *iso.Message) calendar.Date {
	if !m.Has(iso.FieldSettlement) {
		return 0
	}
	day, err := calendar.Nearest(m.Get(iso.FieldSettlement), calendar.DateOf(r.now()))
	if err != nil {
		return 0
	}
	return day
}
