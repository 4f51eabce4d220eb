package registry

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"treasury-switch/internal/page"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// Service is a public service that is paid for. Its price is the tariff's affair.
type Service struct {
	Code   string `json:"code"`
	Agency int32  `json:"agency"`
	Name   string `json:"name"`
	NameEn string `json:"name_en"`
	State  State  `json:"state"`
}

// serviceColumns give a Service by position.
const serviceColumns = `code, agency, name, name_en, state`

// typed checks a service as somebody typed it and returns it as it is stored.
func (s Service) typed() (Service, error) {
	var f faults
	f.check(serviceCode.MatchString(s.Code), "code", "2 to 24 of A-Z, 0-9 and hyphen are needed, a letter first")
	f.agency("agency", s.Agency)
	s.Name = f.name("name", s.Name)
	s.NameEn = f.englishName("name_en", s.NameEn)
	s.State = ledger.Open
	return s, f.asError(fmt.Sprintf("service %q", s.Code))
}

// AddService adds a service of an agency. fault.Conflict: the code is taken; fault.NotFound: there is no such agency.
func AddService(ctx context.Context, db postgres.DB, by access.By, s Service) (Service, error) {
	s, err := s.typed()
	if err != nil {
		return Service{}, err
	}
	err = change(ctx, db, by, "service.add", s.Code, func(tx pgx.Tx) error {
		if _, err := ShowAgency(ctx, tx, s.Agency); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO service (agency, code, name, name_en, state) VALUES ($1, $2, $3, $4, $5)`,
			s.Agency, s.Code, s.Name, s.NameEn, s.State)
		return postgres.Failed("add service "+s.Code, err)
	})
	return s, err
}

// ListServices reads a page of services in the order of their codes; agency 0 means all.
func ListServices(ctx context.Context, q postgres.Querier, agency int32, p page.Request) (page.Listing[Service], error) {
	items, err := collect[Service](ctx, q, "list services", `
		SELECT `+serviceColumns+` FROM service WHERE ($1 = 0 OR agency = $1) AND code > $2 COLLATE "C"
		 ORDER BY code COLLATE "C" LIMIT $3`, agency, p.After, p.Size()+1)
	return page.Cut(items, p, func(s Service) string { return s.Code }), err
}

// ShowService reads one service. fault.NotFound: there is none.
func ShowService(ctx context.Context, q postgres.Querier, code string) (Service, error) {
	return one[Service](ctx, q, "service "+code, `SELECT `+serviceColumns+` FROM service WHERE code = $1`, code)
}

// SetServiceState opens, freezes or closes a service. A closed service stays closed (fault.Conflict).
func SetServiceState(ctx context.Context, db postgres.DB, by access.By, code string, to State) error {
	return setState(ctx, db, by, "service", code, to, func(tx pgx.Tx) (int64, error) {
		done, err := tx.Exec(ctx, `UPDATE service SET state = $2 WHERE code = $1 AND state <> 'closed'`, code, to)
		return done.RowsAffected(), err
	}, func(tx pgx.Tx) error {
		_, err := ShowService(ctx, tx, code)
		return err
	})
}
