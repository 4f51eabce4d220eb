package shetab

import (
	"context"
	"errors"
	"slices"

	"treasury-switch/iso"
	"treasury-switch/iso/network"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// isReversal reports whether the network asks to undo a debit.
func isReversal(t iso.MTI) bool {
	return t.Original() == iso.MTIReversal || t.Original() == iso.MTIReversalAdvice
}

// receiveReversal queues a reversal that the network starts by itself (D19). It is answered once it is recorded; one
// that cannot be queued is answered 96, so that it comes again.
func (b *Inbox) receiveReversal(e network.Event) {
	one, err := b.named(e.Message, e.Kind)
	one.carry = func(ctx context.Context, to Listener) (Outcome, error) {
		answer := switching.Answer{Code: payment.FormatError}
		switch {
		case faultsOf(e).Code() == iso.RC30FormatError:
			to.ForeignReversal() // the payment cannot be read
		case err != nil:
			answer = to.ForeignReversal()
		default:
			advice := e.Message.MTI.Original() == iso.MTIReversalAdvice
			answer = to.NetworkReversal(ctx, one.agency, one.rrn, advice, func(i *payment.Intent) string {
				return network.Differences(debitOf(i), original(i, e.Message))
			})
		}
		b.answerReversal(e, answer)
		if answer.Code == payment.NoOriginal || answer.Code == payment.FormatError {
			return NotOurs, nil
		}
		return Undone, nil
	}
	b.enterReversal(e, one)
}

// faultsOf returns the faults of form of a request of the network.
func faultsOf(e network.Event) iso.Faults {
	var faults iso.Faults
	errors.As(e.Err, &faults)
	return faults
}

func (b *Inbox) enterReversal(e network.Event, one errand) {
	b.config.Logger.Warn("the network reverses by itself", "link", e.Link, "mti", e.Message.MTI, "rrn", one.rrn.String(), "agency", one.agency)
	one.lost = func() { b.answerReversal(e, switching.Answer{Code: payment.SystemError}) }
	b.enter(one)
}

// answerReversal sends the 0410 or 0430. Unreadable fields are not repeated.
func (b *Inbox) answerReversal(e network.Event, a switching.Answer) {
	answer, faults := &iso.Message{MTI: e.Message.MTI.Answer()}, faultsOf(e)
	for _, f := range []int{2, 3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49} {
		if !slices.ContainsFunc(faults, func(one iso.Fault) bool { return one.Field == f }) {
			b.config.Dialect.Echo(answer, e.Message, f)
		}
	}
	answer.Set(iso.FieldCode, string(a.Code))
	if !a.BusinessDay.IsZero() {
		answer.Set(iso.FieldSettlement, iso.DayField(a.BusinessDay))
	}
	if b.config.Institution != "" {
		answer.Set(iso.FieldForwarder, b.config.Institution)
	}
	if err := reply(e, answer); err != nil {
		b.warn("a reversal by the network is not answered; it comes again", "link", e.Link, "error", err)
	}
}

// original is the debit that a reversal by the network refers to, in the form of an answer to that debit: F90 has its
// F11 and F7. A time of zeros is unknown.
func original(i *payment.Intent, m *iso.Message) *iso.Message {
	said := m.Clone()
	said.MTI = iso.MTIPurchaseAnswer
	f90, err := iso.ParseOriginalData(m.Get(iso.FieldOriginal))
	if err != nil || f90.MTI.Original() != iso.MTIPurchase {
		said.MTI = 0 // it reverses no debit
	}
	said.Set(iso.FieldSTAN, f90.STAN)
	said.Set(iso.FieldTransmission, f90.Stamp)
	if !f90.HasStamp() {
		said.Set(iso.FieldTransmission, iso.TransmissionTime(i.OpenedAt))
	}
	if !said.Has(iso.FieldAcquirer) && f90.Acquirer != "" {
		said.Set(iso.FieldAcquirer, f90.Acquirer)
	}
	return said
}
