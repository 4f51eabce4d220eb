package main

import (
	"context"

	"treasury-switch/dossier"
	"treasury-switch/internal/node"
)

// tariffExplainCmd explains a payment's amount.
type tariffExplainCmd struct {
	Tracking string `arg:"" help:"The tracking code of the receipt, 16 digits; Persian digits and spaces are accepted."`
}

func (tariffExplainCmd) Help() string {
	return `Works from what was recorded with the payment: its lines, its shares, and the very versions of the tariff that priced it, even if
they have been superseded or withdrawn since.

Example:
  treasury-switch tariffs explain 0524710000002576`
}

func (c *tariffExplainCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (dossier.Explanation, error) {
		return dossier.Explain(ctx, db, c.Tracking, a.now())
	}, a.printExplained)
}
