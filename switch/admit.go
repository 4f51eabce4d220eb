package switching

import (
	"errors"
	"strings"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/registry"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// admission is what admitting a request decides: its price, or the code that
// refuses it. A refusal that is not kept leaves no payment behind.
type admission struct {
	price   payment.Price
	refusal payment.Code
	kept    bool
}

// desk holds what a request is judged by: one moment's lists and tariffs.
type desk struct {
	lists   *registry.Directory
	tariffs *tariffs.Set
	today   calendar.Date // Tehran's date at receipt
	limit   money.Rial
	offers  *offers // prices under the above
}

// desk is what a request received now is judged by.
func (s *Switch) desk(now time.Time) desk {
	d := desk{
		lists: s.Directory(), tariffs: s.Tariffs(), today: calendar.DateOf(now), limit: s.cfg.Limits.Amount,
	}
	if d.offers = s.offers.Load(); !d.offers.fits(&d) {
		d.offers = newOffers(&d)
		s.offers.Store(d.offers)
	}
	return d
}

// isAcceptor reports whether field 42 names the agency; it may come padded with
// spaces.
func isAcceptor(a registry.Agency, acceptor string) bool {
	return strings.TrimSpace(acceptor) == a.Acceptor
}

// admit judges a purchase of a known terminal. The order of the checks is that
// of the terminal dialect: agency, service, price, limits, accounts, card.
func (d *desk) admit(t registry.Terminal, r *Purchase) admission {
	if c := d.agency(t, r.Acceptor); c != "" {
		return kept(c)
	}
	if r.Refused != "" && r.Refused != payment.InvalidCard {
		return kept(r.Refused)
	}
	made, code := d.offer(t, r.Tariff)
	switch {
	case code == payment.FormatError:
		return admission{refusal: code}
	case code != "":
		return kept(code)
	case r.Amount <= 0 || r.Amount != made.total:
		return kept(payment.InvalidAmount)
	case r.Amount > d.limit || (t.Limit > 0 && r.Amount > t.Limit):
		return kept(payment.OverLimit)
	}
	if !made.open {
		return kept(payment.InvalidAcceptor)
	}
	if r.Refused != "" {
		return kept(r.Refused)
	}
	return admission{price: made.price}
}

func kept(c payment.Code) admission { return admission{refusal: c, kept: true} }

// agency checks that the terminal speaks for its own agency, and that the
// agency is open.
func (d *desk) agency(t registry.Terminal, acceptor string) payment.Code {
	a, ok := d.lists.Agency(t.Agency)
	if !ok || a.State != ledger.Open || !isAcceptor(a, acceptor) {
		return payment.InvalidAcceptor
	}
	return ""
}

// quote prices the service for today. What the tariff needs and the request does
// not name is a fault of form, a day that decides as well as units or a base, and
// so is a category or option that the tariff does not know.
func (d *desk) quote(agency int32, r tariffs.Request) (tariffs.Quote, payment.Code) {
	s, ok := d.lists.Service(r.Service)
	if !ok || s.State != ledger.Open || s.Agency != agency {
		return tariffs.Quote{}, payment.InvalidRequest
	}
	r.Date = d.today
	q, err := d.tariffs.Quote(r)
	switch {
	case err == nil && q.Assumed:
		return tariffs.Quote{}, payment.FormatError
	case err == nil:
		return q, ""
	case errors.Is(err, tariffs.ErrUnknownService), errors.Is(err, tariffs.ErrNoVersion):
		return tariffs.Quote{}, payment.InvalidRequest
	case errors.Is(err, tariffs.ErrTooLarge):
		return tariffs.Quote{}, payment.OverLimit
	}
	return tariffs.Quote{}, payment.FormatError
}

// price turns the quote's account codes into accounts. It fails if one of them
// takes no postings.
func (d *desk) price(book ledger.Book, q tariffs.Quote, r tariffs.Request) (payment.Price, bool) {
	p := payment.Price{Service: q.Service, Versions: q.Versions, Inputs: payment.InputsOf(r), Lines: lines(q)}
	if q.DecidedBy != tariffs.PaymentDate {
		p.By = q.DecidedBy
	}
	p.Shares = make([]payment.Share, len(q.Shares))
	for i, s := range q.Shares {
		a, ok := d.lists.Account(book, s.Account)
		if !ok || a.State != ledger.Open || !a.ValidOn(d.today) {
			return payment.Price{}, false
		}
		p.Shares[i] = payment.Share{Account: a.ID, Amount: s.Amount}
	}
	return p, true
}

func lines(q tariffs.Quote) []payment.Line {
	all := make([]payment.Line, len(q.Lines))
	for i, l := range q.Lines {
		all[i] = payment.Line{Component: l.Component, Amount: l.Amount, Citation: citation(l.Citation)}
	}
	return all
}

// citation is the legal source of an amount in one line, for the receipt.
func citation(c tariffs.Citation) string {
	parts := []string{c.Instrument}
	for _, more := range []string{c.Article, c.Note} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, " ")
}
