// Package access identifies who of the staff does something, in which role, and for which reason.
package access

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"treasury-switch/identity"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
)

// By is who changes something, and when.
type By struct {
	User string // a name of table staff
	At   time.Time
}

// The roles of staff. A checker may propose as well, but nobody approves what they proposed themselves.
const (
	Maker   = "maker"
	Checker = "checker"
)

// RoleOf is the role of a member of staff; fault.Denied for anybody else.
func RoleOf(ctx context.Context, q postgres.Querier, user string) (string, error) {
	var role string
	err := q.QueryRow(ctx, `SELECT role FROM staff WHERE name = $1 AND state = 'open'`, user).Scan(&role)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.New(fault.Denied, "%q is no member of staff", user)
	}
	return role, postgres.Failed("look up staff "+user, err)
}

// MaxReason bounds what a person writes about an act, in characters.
const MaxReason = 400

// Reason tidies what a person wrote about an act, and wants something (fault.Invalid).
func Reason(s string) (string, error) {
	s = identity.Normalise(s)
	if s == "" || utf8.RuneCountInString(s) > MaxReason {
		return "", fault.New(fault.Invalid, "a reason of 1 to %d characters is needed", MaxReason)
	}
	return s, nil
}
