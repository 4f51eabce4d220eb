package pgserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"treasury-switch/internal/postgres"
)

// pingLimit bounds one look at whether a server answers.
const pingLimit = 2 * time.Second

// ping reports whether a server answers at the address: yes, not yet, or an error that no waiting will cure.
func ping(ctx context.Context, address string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, pingLimit)
	defer cancel()
	err := postgres.Execute(ctx, address, "SELECT 1")
	var refused *pgconn.PgError
	if errors.As(err, &refused) && !passing[refused.Code] {
		return false, fmt.Errorf("the server refuses: %w", err)
	}
	return err == nil, nil
}

// passing are the refusals of a server that starts, recovers or stops (57P03, 57P01) or is full (53300).
var passing = map[string]bool{"57P03": true, "57P01": true, "53300": true}
