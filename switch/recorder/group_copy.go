package recorder

import (
	"treasury-switch/internal/rowcopy"
	"treasury-switch/ledger"
	"treasury-switch/switch/payment"
)

// writer holds the rows of a group in COPY's binary format. Each lane reuses one, and its memory, for all its groups.
type writer struct {
	payments, events, outbox rowcopy.Rows
	sheet                    ledger.Sheet
	pipeline                 rowcopy.Pipeline
}

func (w *writer) reset() {
	w.pipeline.Reset()
	w.payments.Reset()
	w.events.Reset()
	w.outbox.Reset()
	w.sheet.Reset()
}

// add appends all rows of a plan that are written by COPY.
func (w *writer) add(e *Entry) error {
	if e.Plan.New {
		w.payment(e.Plan.Payment.Intent)
	}
	if e.Plan.Record != nil {
		w.record(e)
		w.feed(e)
	}
	if e.Plan.Journal != nil {
		return w.sheet.Add(e.Plan.Journal)
	}
	return nil
}

// payment appends a row of table payment, in the order of payment.Columns.
func (w *writer) payment(i *payment.Intent) {
	r := &w.payments
	r.Row(25)
	r.Int32(i.Agency)
	r.Date(int32(i.OpenedOn))
	r.UUID(i.ID)
	r.Int64(int64(i.RRN))
	r.Int64(int64(i.Amount))
	r.Time(i.OpenedAt)
	if i.Sendable() {
		r.Time(i.SendBefore)
	} else {
		r.Null()
	}
	r.Time(i.Deadline)
	r.UUID(i.Fingerprint)
	w.card(i)
	r.Int16(int16(i.Book))
	r.Bool(i.Feed)
	for _, text := range [...]string{string(i.Channel), i.Acquirer, i.Acceptor, i.Terminal, i.STAN, i.LocalTime, i.Processing, i.Reference} {
		r.Text(text)
	}
	r.Bytes(i.Price.Text())
	r.Text(i.First6)
	r.Text(i.Last4)
	if i.Sealed == nil {
		r.Null()
	} else {
		r.Bytes(i.Sealed)
	}
}

// card appends the token of the card and the day of its key, which a refused request does not have.
func (w *writer) card(i *payment.Intent) {
	if i.KeyDay.IsZero() {
		w.payments.Null()
		w.payments.Null()
		return
	}
	w.payments.UUID(i.Token)
	w.payments.Date(int32(i.KeyDay))
}

// record appends a row of table event.
func (w *writer) record(e *Entry) {
	p, rec, r := &e.Plan.Payment, e.Plan.Record, &w.events
	r.Row(15)
	r.Int32(p.Agency)
	r.Date(int32(p.OpenedOn))
	r.UUID(p.ID)
	r.Int16(rec.Version)
	if rec.BusinessDay.IsZero() {
		r.Null()
	} else {
		r.Date(int32(rec.BusinessDay))
	}
	r.Int64(e.planID)
	r.Time(e.At)
	if rec.Held > 0 {
		r.Int64(int64(rec.Held))
	} else {
		r.Null()
	}
	for _, text := range [...]string{string(rec.Was), string(rec.Status), string(rec.Reason), rec.Actor, string(rec.Network),
		string(rec.Told), rec.Approval} {
		r.Text(text)
	}
}

// feed appends a row of table outbox: agencies with the feed are told of a change of status, in the transaction of
// the outcome.
func (w *writer) feed(e *Entry) {
	p, rec, r := &e.Plan.Payment, e.Plan.Record, &w.outbox
	if !p.Feed || rec.Was == rec.Status {
		return
	}
	r.Row(7)
	r.Int32(p.Agency)
	r.Date(int32(p.OpenedOn))
	r.UUID(p.ID)
	r.Int16(p.Version)
	r.Int16(int16(p.Book))
	r.Text(string(rec.Status))
	r.Time(e.At)
}
