package terminal

import (
	"treasury-switch/identity"
	"treasury-switch/iso"
	"treasury-switch/switch/payment"

	switching "treasury-switch/switch"
	"treasury-switch/tariffs"
)

// private reads field 48, which must name a service. The dialect defines whether the field may be absent.
func (r *request) private() iso.Private {
	text := r.m.Get(iso.FieldPrivate)
	if text == "" {
		return iso.Private{}
	}
	p, err := iso.ParsePrivate(text)
	switch {
	case err != nil:
		r.malformed(iso.FieldPrivate, "is malformed: "+err.Error())
	case p.Service == "":
		r.malformed(iso.FieldPrivate, "has no tag SVC")
	}
	return p
}

// tariffRequest returns the inputs of a price. The switch adds the date.
func tariffRequest(p *iso.Private) tariffs.Request {
	return tariffs.Request{
		Service: p.Service, Units: p.Units, Base: p.Base, HasBase: p.HasBase, Category: p.Category,
		Due: p.Due, FirstYear: p.FirstYear, Option: p.Option, Requested: p.Requested, Served: p.Served,
	}
}

// deciders are the letters of the days that can select a tariff.
var deciders = map[tariffs.Decider]byte{
	tariffs.PaymentDate: iso.DecidedByPayment, tariffs.RequestDate: iso.DecidedByRequest, tariffs.ServiceDate: iso.DecidedByService,
}

// decided returns which day selected the tariff of a price, if the answer has one.
func decided(a switching.Answer) iso.Decided {
	return iso.Decided{By: deciders[a.DecidedBy], Day: a.Decided}
}

// organisations are the network's letters for the payees of bills, by the service
// type of the bill id (its last digit but one). Type 8, tax, has none.
var organisations = map[int]string{1: "WA", 2: "EL", 3: "GA", 4: "TC", 5: "MC", 6: "MN", 9: "TG"}

// bill reads the tags BIL and PAY: both or none, with all three check digits right.
func (r *request) bill(p *iso.Private) switching.Bill {
	if p.BillID == "" && p.PaymentID == "" {
		return switching.Bill{}
	}
	bill, payment, err := identity.ParseBill(p.BillID, p.PaymentID)
	if err != nil {
		r.malformed(iso.FieldPrivate, "is malformed: tags BIL and PAY: "+err.Error())
		return switching.Bill{}
	}
	return switching.Bill{
		Organisation: organisations[bill.ServiceType()], BillID: string(bill), PaymentID: string(payment),
	}
}

// lines converts the lines of a quote to those of field 48, with their legal basis as Iran System bytes, shortened to
// what a printer takes.
func (c *Channel) lines(lines []payment.Line) []iso.QuoteLine {
	told := make([]iso.QuoteLine, len(lines))
	for i, l := range lines {
		told[i] = iso.QuoteLine{
			Code: l.Component, Amount: l.Amount, Citation: c.config.Dialect.EncodeText(l.Citation, iso.MaxCitation),
		}
	}
	return told
}
