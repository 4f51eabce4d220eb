package main

import (
	"context"

	"treasury-switch/dossier"
	"treasury-switch/internal/node"
)

// paymentCmd looks at payments.
type paymentCmd struct {
	Show   paymentShowCmd   `cmd:"" help:"Everything that is recorded of a payment, masked."`
	Search paymentSearchCmd `cmd:"" help:"Find the payments of a terminal by STAN and time."`
}

type paymentShowCmd struct {
	Tracking string `arg:"" help:"The tracking code of the receipt, 16 digits; Persian digits and spaces are accepted."`
}

func (paymentShowCmd) Help() string {
	return `Shows what was asked, its history step by step, its journals, and its place in the queue of reversals.

Example:
  treasury-switch payment show 0523610000000012`
}

func (c *paymentShowCmd) Run(ctx context.Context, a *app) error {
	return present(ctx, a, func(ctx context.Context, db node.Pool) (dossier.Payment, error) {
		return dossier.Show(ctx, db, c.Tracking, a.now())
	}, a.printPayment)
}
