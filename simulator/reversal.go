package simulator

import (
	"strconv"

	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/money"
)

// financial is the class of message types that can be reversed (second digit).
const financial = 2

// reversal takes a debit back, or answers why not: 00 reversed now, 21 nothing to do
// (reversed before, or declined), 25 no such original, 30 a reversal that
// contradicts its original.
func (s *Simulator) reversal(m *iso.Message) decision {
	if code, forced := s.faults.reversalCode(); forced {
		return decision{answer: s.answer(m, code)}
	}
	original, err := iso.ParseOriginalData(m.Get(iso.FieldOriginal))
	// Taking back a part of an amount is not offered.
	if err != nil || m.Has(iso.FieldReplacement) {
		return decision{answer: s.answer(m, iso.RC30FormatError)}
	}
	code := iso.RC25OriginalNotFound
	if original.MTI.Class() == financial {
		code = s.takeBack(m, original)
	}
	if code == iso.RC25OriginalNotFound {
		s.counts.notFound.Add(1)
	}
	return decision{answer: s.answer(m, code)}
}

// takeBack reverses the debit that a reversal names by F90 and F41.
func (s *Simulator) takeBack(m *iso.Message, original iso.OriginalData) iso.Code {
	acquirer := original.Acquirer
	if acquirer == "" {
		acquirer = m.Get(iso.FieldAcquirer)
	}
	key, fits := keyOf(acquirer, m.Get(iso.FieldTerminal), original.STAN, original.Stamp)
	if !fits {
		return iso.RC25OriginalNotFound
	}
	shard := s.book.shardOf(key)
	shard.mu.Lock()
	defer shard.mu.Unlock()
	place := shard.find(key)
	if place == none {
		return iso.RC25OriginalNotFound
	}
	r := shard.at(place)
	r.reversals++
	switch {
	case !names(m, r):
		return iso.RC30FormatError
	case !r.live():
		return iso.RC21NoActionTaken
	}
	shard.reverse(place, s.config.Now())
	return iso.RC00Approved
}

// names reports whether a reversal is of the card and the amount of the original.
func names(m *iso.Message, r *request) bool {
	card, err := identity.ParsePAN(m.Get(iso.FieldPAN))
	if err != nil || card != r.card {
		return false
	}
	amount, err := strconv.ParseInt(m.Get(iso.FieldAmount), 10, 64)
	return err == nil && money.Rial(amount) == r.amount
}
