package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
)

// Sale is the part of a tariff that refers to the lists: a service, the agency that sells it, and who gets the price.
type Sale struct {
	Service  string
	Agency   int32
	Accounts []string // codes of accounts of the live book
}

// SaleFaults are all reasons why sales do not fit the lists, each once, in the order of the sales.
type SaleFaults struct {
	Texts []string
	// Missing: it never existed, or belongs to another agency; otherwise it has been closed.
	Missing bool
}

// Error gives a line to a fault.
func (f *SaleFaults) Error() string { return strings.Join(f.Texts, "\n") }

// CheckSales refuses sales of services, by agencies or for accounts that do not exist or are closed: a mistyped account is told
// when it is entered, not when money should reach it. All of it is told together, as a SaleFaults of kind fault.Invalid. What is
// frozen passes, because it is frozen for a time only.
//
// The lists stay as they were seen until the transaction ends: whoever changes them meanwhile waits.
func CheckSales(ctx context.Context, tx pgx.Tx, sales []Sale) error {
	if _, err := tx.Exec(ctx, `SELECT version FROM registry_version WHERE id = 1 FOR SHARE`); err != nil {
		return postgres.Failed("hold the registry", err)
	}
	lists, err := listsOf(ctx, tx, sales)
	if err != nil {
		return err
	}
	var f SaleFaults
	for _, s := range sales {
		f.service(lists, s)
		f.accounts(lists, s)
	}
	if len(f.Texts) > 0 {
		return fault.New(fault.Invalid, "%w", &f)
	}
	return nil
}

// listsOf reads what sales name, of the lists as they are now.
func listsOf(ctx context.Context, tx pgx.Tx, sales []Sale) (*Directory, error) {
	var codes, accountCodes []string
	var agencyCodes []int32
	for _, s := range sales {
		codes, agencyCodes = append(codes, s.Service), append(agencyCodes, s.Agency)
		accountCodes = append(accountCodes, s.Accounts...)
	}
	services, err := collect[Service](ctx, tx, "look up services", `SELECT `+serviceColumns+` FROM service WHERE code = ANY($1)`, codes)
	if err != nil {
		return nil, err
	}
	agencies, err := collect[Agency](ctx, tx, "look up agencies", `SELECT `+agencyColumns+` FROM agency WHERE code = ANY($1)`, agencyCodes)
	if err != nil {
		return nil, err
	}
	accounts, err := ledger.FindCodes(ctx, tx, ledger.Live, accountCodes)
	return NewDirectory(agencies, nil, services, accounts), err
}

func (f *SaleFaults) service(lists *Directory, s Sale) {
	service, found := lists.Service(s.Service)
	agency, _ := lists.Agency(s.Agency) // a service has its agency: the schema says so
	switch {
	case !found:
		f.missing("%s: there is no such service; see treasury-switch services add", s.Service)
	case service.Agency != s.Agency:
		f.missing("%s: agency %d sells this service, not %d", s.Service, service.Agency, s.Agency)
	case service.State == ledger.Closed:
		f.add("%s: this service is closed", s.Service)
	case agency.State == ledger.Closed:
		f.add("%s: agency %d is closed", s.Service, s.Agency)
	}
}

func (f *SaleFaults) accounts(lists *Directory, s Sale) {
	for _, code := range s.Accounts {
		switch account, found := lists.Account(ledger.Live, code); {
		case !found:
			f.missing("%s: there is no account %s; see treasury-switch accounts add", s.Service, code)
		case account.State == ledger.Closed:
			f.add("%s: account %s is closed", s.Service, code)
		}
	}
}

func (f *SaleFaults) missing(format string, args ...any) {
	f.Missing = true
	f.add(format, args...)
}

func (f *SaleFaults) add(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(f.Texts, text) {
		f.Texts = append(f.Texts, text)
	}
}
