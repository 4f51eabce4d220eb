package main

import (
	"context"
	"slices"

	"treasury-switch/calendar"
	"treasury-switch/internal/node"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/switch"
	"treasury-switch/tariffs"
)

// tariffExplainCmd explains a payment's amount.
type tariffExplainCmd struct {
	Tracking string `arg:"" help:"The tracking code of the receipt, 16 digits; Persian digits and spaces are accepted."`
}

// Help is the example of the command.
func (tariffExplainCmd) Help() string {
	return `Works from what was recorded with the payment: its lines, its shares, and the very versions of the tariff that priced it, even if
they have been superseded or withdrawn since.

Example:
  treasury-switch tariffs explain 0524710000002576`
}

// explained is why a payment was charged its amount.
type explained struct {
	Tracking switching.Tracking `json:"tracking"`
	Status   switching.Status   `json:"status"`
	Service  string             `json:"service"`
	Agency   int32              `json:"agency"`
	Date     calendar.Date      `json:"date"`
	Amount   money.Rial         `json:"amount"`
	// Decided is the day that chose the tariff, DecidedBy which of the request's days it is.
	Decided   calendar.Date   `json:"decided"`
	DecidedBy tariffs.Decider `json:"decided_by"`
	// Reproduced tells that the tariff, asked again, gives exactly the recorded lines; then they are told in full. Otherwise
	// they are the recorded ones, with what the tariff says of each component.
	Reproduced bool                `json:"reproduced"`
	Lines      []tariffs.Line      `json:"lines"`
	Exemptions []tariffs.Exemption `json:"exemptions"`
	Shares     []namedShare        `json:"shares"`
	Tariffs    []tariffs.Record    `json:"tariffs"`
}

// namedShare is what one account received.
type namedShare struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Agency  int32      `json:"agency"`
	Amount  money.Rial `json:"amount"`
}

// Run explains the payment.
func (c *tariffExplainCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (explained, error) {
		p, err := switching.LoadByTracking(ctx, db, c.Tracking, a.now())
		if err != nil {
			return explained{}, err
		}
		return explain(ctx, db, &p)
	}, a.printExplained)
}

func explain(ctx context.Context, db node.Pool, p *switching.Payment) (explained, error) {
	e := explained{Tracking: p.Tracking(), Status: p.Status, Service: p.Price.Service, Agency: p.Agency, Amount: p.Amount,
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

// priceAgain asks the tariffs that priced a payment for its price, and says whether they give the recorded lines.
func priceAgain(p *switching.Payment, priced []tariffs.Record) (tariffs.Quote, bool) {
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
	same := err == nil && q.Total == p.Amount && slices.EqualFunc(q.Lines, p.Price.Lines, func(l tariffs.Line, r switching.Line) bool {
		return l.Component == r.Component && l.Amount == r.Amount
	})
	return q, same
}

// asked is what the price of a payment was asked with.
func asked(p *switching.Payment) tariffs.Request {
	return p.Price.Request(calendar.DateOf(p.OpenedAt))
}

// recordedLines are the lines of the payment, with what the tariff says of their components.
func recordedLines(p *switching.Payment, priced []tariffs.Record) []tariffs.Line {
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

// maxAccounts bounds the accounts among which names are looked up.
const maxAccounts = 1_000_000

func nameShares(ctx context.Context, db node.Pool, shares []switching.Share) ([]namedShare, error) {
	all, err := ledger.LoadAll(ctx, db, maxAccounts)
	if err != nil {
		return nil, err
	}
	named := []namedShare{}
	for _, s := range shares {
		n := namedShare{Account: itoa(int64(s.Account)), Agency: s.Account.Agency(), Amount: s.Amount}
		if i := slices.IndexFunc(all, func(a ledger.Account) bool { return a.ID == s.Account }); i >= 0 {
			n.Account, n.Name = all[i].Code, all[i].Name
		}
		named = append(named, n)
	}
	return named, nil
}
