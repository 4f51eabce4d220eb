package simulator

import (
	"errors"
	"strconv"
	"time"

	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/money"
)

// echoed are the fields that a financial answer repeats.
var echoed = []int{iso.FieldPAN, iso.FieldProcessing, iso.FieldAmount, iso.FieldTransmission, iso.FieldSTAN, iso.FieldLocalTime, iso.FieldLocalDate,
	iso.FieldAcquirer, iso.FieldRRN, iso.FieldTerminal, iso.FieldAcceptor, iso.FieldCurrency}

// processing codes (first two digits of F3) that debit a card.
const (
	purchaseOfGoods = "00"
	billPayment     = "17"
)

// decision is the answer to a request and how to deliver it.
type decision struct {
	answer *iso.Message // nil: none
	how    answering
	key    requestKey // of the request in the book, zero if it is not there
}

// purchase debits a card, or answers why not.
func (s *Simulator) purchase(m *iso.Message) decision {
	asked, refusal := s.parsePurchase(m)
	if refusal != "" {
		return decision{answer: s.answer(m, refusal)}
	}
	does := behaviourOf(asked.card)
	if does.code == "" {
		return decision{}
	}
	asked.code = codeBytes(does.code)
	known, refusal := s.enter(&asked)
	if refusal != "" {
		return decision{answer: s.answer(m, refusal)}
	}
	answer := s.answer(m, iso.Code(known.code[:]))
	// A repeat gets the stored answer: its day and approval code, not new ones.
	answer.Set(iso.FieldSettlement, s.days.shown(known.day))
	if known.debited() {
		answer.Set(iso.FieldApproval, approvalCode(known.sequence))
	}
	return decision{answer: answer, how: does.answer, key: known.key}
}

// enter puts a request into the book, or finds the one that has its key, and returns
// a copy. A refusal means that nothing was debited by this message.
func (s *Simulator) enter(asked *request) (known request, refusal iso.Code) {
	shard := s.book.shardOf(asked.key)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if place := shard.find(asked.key); place != none {
		if known = *shard.at(place); !known.same(asked) {
			return request{}, iso.RC94Duplicate
		}
		return known, ""
	}
	if s.stale(string(asked.key.stamp[:]), time.Unix(0, asked.at)) {
		return request{}, iso.RC12InvalidTransaction
	}
	if !s.book.add(shard, asked) {
		s.counts.full.Add(1)
		return request{}, iso.RC91Inoperative
	}
	return *asked, ""
}

// parsePurchase reads a purchase; a code of "" means that it may be decided.
func (s *Simulator) parsePurchase(m *iso.Message) (request, iso.Code) {
	kind := m.Get(iso.FieldProcessing)
	if kind = kind[:min(2, len(kind))]; kind != purchaseOfGoods && kind != billPayment {
		return request{}, iso.RC12InvalidTransaction
	}
	amount, err := strconv.ParseInt(m.Get(iso.FieldAmount), 10, 64)
	if err != nil || amount <= 0 || money.Rial(amount) > money.MaxPayment {
		return request{}, iso.RC13InvalidAmount
	}
	card, err := identity.ParsePAN(m.Get(iso.FieldPAN))
	if errors.Is(err, identity.ErrLuhn) {
		return request{}, iso.RC14InvalidCard
	}
	if err != nil {
		return request{}, iso.RC30FormatError
	}
	r := request{card: card, amount: money.Rial(amount), day: s.Day(), at: s.config.Now().UnixNano()}
	if !r.name(m.Get(iso.FieldAcquirer), m.Get(iso.FieldTerminal), m.Get(iso.FieldSTAN), m.Get(iso.FieldTransmission), m.Get(iso.FieldRRN), m.Get(iso.FieldAcceptor)) {
		return request{}, iso.RC30FormatError
	}
	return r, ""
}

// stale reports whether a transmission time (F7, MMDDhhmmss in UTC, no year) lies
// further from now than Config.Stale, in the year that brings it nearest.
func (s *Simulator) stale(stamp string, now time.Time) bool {
	now = now.UTC()
	var part [5]int // month, day, hour, minute, second
	if len(stamp) != 2*len(part) {
		return true
	}
	for i := range part {
		n, err := strconv.Atoi(stamp[2*i : 2*i+2])
		if err != nil {
			return true
		}
		part[i] = n
	}
	for _, years := range [...]int{0, -1, 1} {
		at := time.Date(now.Year()+years, time.Month(part[0]), part[1], part[2], part[3], part[4], 0, time.UTC)
		// A day that the year does not have, such as 29 February, would become another one.
		if int(at.Month()) == part[0] && at.Day() == part[1] && at.Sub(now).Abs() <= s.config.Stale {
			return false
		}
	}
	return true
}

// approvalCode is F38: the last six digits of the debit's sequence number.
func approvalCode(sequence int64) string {
	return strconv.FormatInt(1_000_000+sequence%1_000_000, 10)[1:]
}
