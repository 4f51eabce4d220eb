package terminal

import (
	"cmp"
	"context"
	"slices"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
)

// request is one message on its way through the checks.
type request struct {
	m      *iso.Message
	remote string
	at     time.Time // of receipt
	faults iso.Faults
	// doubts are the faults in the part that was read of a message whose reading ended early: values may have shifted
	// between its fields.
	doubts iso.Faults
}

// call is what a well-formed message asks for. The zero value asks for nothing that is served.
type call struct {
	kind Kind
	// keeps means that the switch refuses a value that must be refused, so that the request takes its identity.
	keeps bool
	// ask calls the switch, fill writes the rest of the answer: everything that is neither repeated from the request
	// nor the response code.
	ask  func(context.Context) switching.Answer
	fill func(out *iso.Message, a switching.Answer)
}

// read determines what a message asks for, and adds the faults that only show when its fields are interpreted. A
// message that could not be read to its end is not interpreted: what follows the fault is unknown, not missing.
func (c *Channel) read(r *request) call {
	if len(r.faults) > 0 {
		if checked := c.config.Dialect.Check(r.m, iso.ToSwitch); !slices.Equal(r.faults, checked) {
			r.doubts = checked
			return call{}
		}
	}
	switch r.m.MTI {
	case iso.MTIInquiry:
		return c.readInquiry(r)
	case iso.MTIPurchase, iso.MTIPurchaseRepeat:
		return c.readPurchase(r)
	case iso.MTIReversal, iso.MTIReversalRepeat, iso.MTIReversalAdvice, iso.MTIReversalAdviceRepeat:
		return c.readReversal(r)
	case iso.MTINetwork:
		return c.readManagement(r)
	}
	return call{}
}

// readInquiry reads a 0100, by its F3.
func (c *Channel) readInquiry(r *request) call {
	switch r.m.Get(iso.FieldProcessing) {
	case iso.ProcessingTariff:
		return c.readTariffInquiry(r)
	case iso.ProcessingStatus:
		return c.readStatusInquiry(r)
	}
	return call{}
}

// add merges faults: one for each field, in their order.
func (r *request) add(faults ...iso.Fault) {
	for _, f := range faults {
		if !r.faulty(f.Field) {
			r.faults = append(r.faults, f)
		}
	}
	slices.SortStableFunc(r.faults, func(a, b iso.Fault) int { return cmp.Compare(a.Field, b.Field) })
}

// faulty reports whether a field has a fault.
func (r *request) faulty(field int) bool {
	return slices.ContainsFunc(r.faults, func(f iso.Fault) bool { return f.Field == field })
}

// malformed adds a fault of form.
func (r *request) malformed(field int, reason string) {
	r.add(iso.Fault{Field: field, Reason: reason, Code: iso.RC30FormatError})
}

// identity is what makes two messages the same request, with the given STAN. F13 has no year: it gets the one nearest
// to receipt.
func (c *Channel) identity(r *request, origin iso.Origin, trace iso.Trace, stan string) payment.Identity {
	if origin.Acquirer == "" {
		origin.Acquirer = c.served[0]
	}
	day, err := calendar.Nearest(trace.LocalDate, calendar.DateOf(r.at))
	if err != nil {
		r.malformed(iso.FieldLocalDate, "is no day of the years around today")
	}
	return payment.Identity{
		Acquirer: origin.Acquirer, Acceptor: origin.Acceptor, Terminal: origin.Terminal,
		STAN: stan, LocalDate: day, LocalTime: trace.LocalTime,
	}
}

// sent is F90's time, or "" if it is unknown or F90 names no purchase.
func sent(named iso.OriginalData) string {
	if !named.HasStamp() || named.MTI.Original() != iso.MTIPurchase {
		return ""
	}
	return named.Stamp
}

// currency is F49, or a currency of the message other than the one in use: the switch refuses it.
func (r *request) currency() string {
	for _, f := range r.faults {
		if f.Code == iso.RC12InvalidTransaction && f.Field != iso.FieldProcessing {
			return r.m.Get(f.Field)
		}
	}
	return r.m.Get(iso.FieldCurrency)
}
