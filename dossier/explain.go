package dossier

import (
	"context"
	"slices"
	"strconv"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/switch/payment"
	"treasury-switch/tariffs"
)

// Explanation is why a payment was charged its amount.
type Explanation struct {
	Tracking payment.Tracking `json:"tracking"`
	Status   payment.Status   `json:"status"`
	Service  string           `json:"service"`
	Agency   int32            `json:"agency"`
	Date     calendar.Date    `json:"date"`
	Amount   money.Rial       `json:"amount"`
	// Decided is the day that chose the tariff, DecidedBy which of the request's days it is.
	Decided   calendar.Date   `json:"decided"`
	DecidedBy tariffs.Decider `json:"decided_by"`
	// Reproduced is true if the tariff, asked again, gives exactly the recorded lines; then they are told in full.
	// Otherwise they are the recorded ones, with what the tariff says of each component.
	Reproduced bool                `json:"reproduced"`
	Lines      []tariffs.Line      `json:"lines"`
	Exemptions []tariffs.Exemption `json:"exemptions"`
	Shares     []Share             `json:"shares"`
	Tariffs    []tariffs.Record    `json:"tariffs"`
}

// Share is what one account received.
type Share struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Agency  int32      `json:"agency"`
	Amount  money.Rial `json:"amount"`
}

// Explain tells why the payment that a tracking code names was charged what it was. It works from what was recorded with the payment:
// its lines, its shares, and the very versions of the tariff that priced it, even if they have been superseded or withdrawn since.
// fault.Invalid: it is no tracking code; fault.NotFound: no payment has it.
func Explain(ctx context.Context, db postgres.Querier, code string, now time.Time) (Explanation, error) {
	p, err := payment.LoadByTracking(ctx, db, code, now)
	if err != nil {
		return Explanation{}, err
	}
	return explain(ctx, db, &p)
}

func explain(ctx context.Context, db postgres.Querier, p *payment.Payment) (Explanation, error) {
	e := Explanation{Tracking: p.Tracking(), Status: p.Status, Service: p.Price.Service, Agency: p.Agency, Amount: p.Amount,
		Date: calendar.DateOf(p.OpenedAt), Exemptions: []tariffs.Exemption{}}
	e.Decided, e.DecidedBy = p.Price.Decided(e.Date)
	var err error
	if e.Tariffs, err = tariffs.FindIDs(ctx, db, p.Price.Versions); err != nil {
		return e, err
	}
	if q, same := priceAgain(p, e.Tariffs); same {
		e.Reproduced, e.Lines, e.Exemptions = true, q.Lines, append(e.Exemptions, q.Exemptions...)
	} else {
		e.Lines = recordedLines(p, e.Tariffs)
	}
	for i := range e.Tariffs {
		e.Tariffs[i].Content = tariffs.Version{Basis: e.Tariffs[i].Content.Basis, Title: e.Tariffs[i].Content.Title}
	}
	e.Shares, err = nameShares(ctx, db, p.Price.Shares)
	return e, err
}

// priceAgain asks the tariffs that priced a payment for its price, and reports whether they give the recorded lines.
func priceAgain(p *payment.Payment, priced []tariffs.Record) (tariffs.Quote, bool) {
	var versions []tariffs.Version
	for _, id := range p.Price.Versions { // the first decided the amounts
		if i := slices.IndexFunc(priced, func(r tariffs.Record) bool { return r.ID == id }); i >= 0 {
			versions = append(versions, priced[i].Content)
		}
	}
	if len(versions) != len(p.Price.Versions) {
		return tariffs.Quote{}, false
	}
	q, err := tariffs.QuoteBy(versions, asked(p))
	same := err == nil && q.Total == p.Amount && slices.EqualFunc(q.Lines, p.Price.Lines, func(l tariffs.Line, r payment.Line) bool {
		return l.Component == r.Component && l.Amount == r.Amount
	})
	return q, same
}

// asked is the request by which a payment was priced.
func asked(p *payment.Payment) tariffs.Request {
	return p.Price.Request(calendar.DateOf(p.OpenedAt))
}

// recordedLines are the lines of the payment, with what the tariff says of their components.
func recordedLines(p *payment.Payment, priced []tariffs.Record) []tariffs.Line {
	lines := []tariffs.Line{}
	for _, r := range p.Price.Lines {
		l := tariffs.Line{Component: r.Component, Amount: r.Amount, Citation: tariffs.Citation{Instrument: r.Citation}}
		for i := range priced {
			for _, c := range priced[i].Content.Components {
				if c.Code != r.Component {
					continue
				}
				l.Title, l.Citation, l.Of = c.Title, c.Basis, c.Of
				if !c.Rate.IsZero() {
					l.Rate, l.Base = c.Rate.String(), p.Price.Base
				}
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// nameShares names the accounts of shares, those that are still known.
func nameShares(ctx context.Context, db postgres.Querier, shares []payment.Share) ([]Share, error) {
	ids := make([]ledger.AccountID, len(shares))
	for i, s := range shares {
		ids[i] = s.Account
	}
	accounts, err := ledger.FindIDs(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	named := []Share{}
	for _, s := range shares {
		n := Share{Account: strconv.FormatInt(int64(s.Account), 10), Agency: s.Account.Agency(), Amount: s.Amount}
		if i := slices.IndexFunc(accounts, func(a ledger.Account) bool { return a.ID == s.Account }); i >= 0 {
			n.Account, n.Name = accounts[i].Code, accounts[i].Name
		}
		named = append(named, n)
	}
	return named, nil
}
