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

// admission is the result of admitting a request: its price, or the code that refuses it. A refusal with recorded
// unset leaves no payment behind.
type admission struct {
	price    payment.Price
	refusal  payment.Code
	recorded bool
}

// terms holds the lists, tariffs and limits for one request.
type terms struct {
	lists   *registry.Directory
	tariffs *tariffs.Set
	today   calendar.Date // Tehran's date at receipt
	limit   money.Rial
	offers  *offers // prices under these lists, tariffs and day
}

// terms returns the lists, tariffs and limits for a request received now.
func (s *Switch) terms(now time.Time) terms {
	ts := terms{
		lists: s.Directory(), tariffs: s.Tariffs(), today: calendar.DateOf(now), limit: s.cfg.Limits.Amount,
	}
	if ts.offers = s.offers.Load(); !ts.offers.fits(&ts) {
		ts.offers = newOffers(&ts)
		s.offers.Store(ts.offers)
	}
	return ts
}

// isAcceptor reports whether field 42, which may be padded with spaces, names the agency.
func isAcceptor(a registry.Agency, acceptor string) bool {
	return strings.TrimSpace(acceptor) == a.Acceptor
}

// admit checks a purchase from a known terminal, in the order of the terminal dialect: agency, service, price,
// limits, accounts, card.
func (ts *terms) admit(t registry.Terminal, r *Purchase) admission {
	if c := ts.agency(t, r.Acceptor); c != "" {
		return recordedRefusal(c)
	}
	if r.Refused != "" && r.Refused != payment.InvalidCard {
		return recordedRefusal(r.Refused)
	}
	made, code := ts.offer(t, r.Tariff)
	switch {
	case code == payment.FormatError:
		return admission{refusal: code}
	case code != "":
		return recordedRefusal(code)
	case r.Amount <= 0 || r.Amount != made.total:
		return recordedRefusal(payment.InvalidAmount)
	case r.Amount > ts.limit || (t.Limit > 0 && r.Amount > t.Limit):
		return recordedRefusal(payment.OverLimit)
	}
	if !made.open {
		return recordedRefusal(payment.InvalidAcceptor)
	}
	if r.Refused != "" {
		return recordedRefusal(r.Refused)
	}
	return admission{price: made.price}
}

func recordedRefusal(c payment.Code) admission { return admission{refusal: c, recorded: true} }

// agency checks that the terminal names its own agency, and that the agency is open.
func (ts *terms) agency(t registry.Terminal, acceptor string) payment.Code {
	a, ok := ts.lists.Agency(t.Agency)
	if !ok || a.State != ledger.Open || !isAcceptor(a, acceptor) {
		return payment.InvalidAcceptor
	}
	return ""
}

// quote prices the service for today. An input that the tariff needs and the request lacks is a format error (units,
// a base, the deciding day), and so is a category or option that the tariff does not know.
func (ts *terms) quote(agency int32, r tariffs.Request) (tariffs.Quote, payment.Code) {
	s, ok := ts.lists.Service(r.Service)
	if !ok || s.State != ledger.Open || s.Agency != agency {
		return tariffs.Quote{}, payment.InvalidRequest
	}
	r.Date = ts.today
	q, err := ts.tariffs.Quote(r)
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

// price resolves the quote's account codes. It fails if one of the accounts takes no postings.
func (ts *terms) price(book ledger.Book, q tariffs.Quote, r tariffs.Request) (payment.Price, bool) {
	p := payment.Price{Service: q.Service, Versions: q.Versions, Inputs: payment.InputsOf(r), Lines: lines(q)}
	if q.DecidedBy != tariffs.PaymentDate {
		p.By = q.DecidedBy
	}
	p.Shares = make([]payment.Share, len(q.Shares))
	for i, s := range q.Shares {
		a, ok := ts.lists.Account(book, s.Account)
		if !ok || a.State != ledger.Open || !a.ValidOn(ts.today) {
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

// citation is the legal basis of an amount as one line of the receipt.
func citation(c tariffs.Citation) string {
	parts := []string{c.Instrument}
	for _, more := range []string{c.Article, c.Note} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, " ")
}
