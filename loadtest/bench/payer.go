package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
	"treasury-switch/switch/recorder"
)

// payer makes payments for a recorder, without terminals and network: two records each, the intent and the approval with
// its journal, as the switch writes for a purchase.
type payer struct {
	recorder *recorder.Recorder
	number   *atomic.Int64 // of the last payment; goes on through all measurements of a database
}

// pay records one payment and returns its id.
func (p payer) pay(ctx context.Context) ([16]byte, error) {
	now := time.Now()
	intent := newIntent(p.number.Add(1), now)
	plan, err := payment.Decide(payment.Payment{}, payment.Requested{Intent: intent})
	if err != nil {
		return intent.ID, err
	}
	if err := p.record(ctx, plan, now); err != nil {
		return intent.ID, err
	}
	plan, err = payment.Decide(plan.Payment, payment.Answered{Word: payment.SaidApproved, Code: payment.OK,
		Approval: "123456", Amount: intent.Amount, Currency: true, Day: intent.OpenedOn})
	if err != nil {
		return intent.ID, err
	}
	return intent.ID, p.record(ctx, plan, now)
}

func (p payer) record(ctx context.Context, plan payment.Plan, now time.Time) error {
	outcome, err := p.recorder.Record(ctx, recorder.NewEntry(plan, now))
	if err != nil {
		return fmt.Errorf("record a payment: %w", err)
	}
	if outcome != recorder.Written {
		return fmt.Errorf("record a payment: outcome %d, not written", outcome)
	}
	return nil
}

// The sizes of what a payment keeps: the JSON of its price and the sealed card number are about as long as the sample
// tariffs and the vault make them.
const (
	amount     = 1_000_000
	sealedSize = 39
)

// newIntent is payment number n: the agencies take turns, and a share of every one goes to the hot account.
func newIntent(n int64, now time.Time) *payment.Intent {
	agency := int32(firstAgency + n%agencies)
	day := calendar.DateOf(now)
	serial := int32(n%99_999_999) + 1
	i := &payment.Intent{
		Key: payment.Key{Agency: agency, OpenedOn: day}, Book: ledger.Live, Channel: payment.POS,
		RRN: payment.NewRRN(day, serial),
		Identity: payment.Identity{Acquirer: "581672061", Acceptor: fmt.Sprintf("%015d", agency), Terminal: "10100001",
			STAN: fmt.Sprintf("%06d", n%999_999+1), LocalTime: now.Format("150405")},
		Amount: amount, OpenedAt: now, SendBefore: now.Add(3 * time.Second), Deadline: now.Add(30 * time.Second),
		Processing: iso.ProcessingPurchase, First6: "603799", Last4: "0014", Sealed: make([]byte, sealedSize), KeyDay: day,
		Price: payment.Price{Service: "FORM", Versions: []int64{1}, Lines: []payment.Line{{Component: "form", Amount: amount}},
			Shares: []payment.Share{
				{Account: ledger.NewAccountID(agency, ledger.Live, 100), Amount: 700_000},
				{Account: ledger.NewAccountID(firstAgency, ledger.Live, 101), Amount: 300_000},
			}},
	}
	// Spread like the hashes that payments have.
	var hash [16]byte
	binary.BigEndian.PutUint64(hash[:], (uint64(now.UnixNano())^uint64(n)<<40)*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint64(hash[8:], uint64(n))
	i.ID = payment.NewID(hash, i.LocalTime)
	return i
}
