package registry

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"

	"go.yaml.in/yaml/v3"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/internal/postgres"
	"treasury-switch/ledger"
	"treasury-switch/money"
	"treasury-switch/security/access"
)

// maxSampleFile bounds a file of sample data, in bytes.
const maxSampleFile = 1 << 20

// The members of staff who bring in sample data: one proposes accounts, the other approves them.
const (
	sampleMaker   = "maker"
	sampleChecker = "checker"
)

// Loaded counts what LoadSample has added; what was there already is not counted.
type Loaded struct {
	Agencies  int `json:"agencies"`
	Accounts  int `json:"accounts"`
	Terminals int `json:"terminals"`
	Services  int `json:"services"`
}

// The files of sample data. Books are a list, so that one entry serves live and test.
type (
	sampleAgency struct {
		Code    int32  `yaml:"code"`
		Name    string `yaml:"name"`
		NameEn  string `yaml:"name_en"`
		Partner bool   `yaml:"partner"`
		Feed    bool   `yaml:"feed"`
	}
	sampleAccount struct {
		NewAccount `yaml:",inline"`
		Books      []string `yaml:"books"`
		ValidFrom  string   `yaml:"valid_from"` // Jalali
	}
	sampleTerminals struct {
		Range  string `yaml:"range"`
		Agency int32  `yaml:"agency"`
		Book   string `yaml:"book"`
		Type   string `yaml:"type"`
		Limit  string `yaml:"limit"` // rial, digits may be grouped
	}
	sampleService struct {
		Code   string `yaml:"code"`
		Agency int32  `yaml:"agency"`
		Name   string `yaml:"name"`
		NameEn string `yaml:"name_en"`
	}
)

// LoadSample adds the lists of agencies.yaml, accounts.yaml, terminals.yaml and services.yaml that are not there yet, as
// maker and, for the second person, checker. What is there is left as it is, even if it differs: people may have changed
// it since. Unknown keys are refused. fault.Invalid names the file.
func LoadSample(ctx context.Context, db postgres.DB, files fs.FS, now time.Time) (Loaded, error) {
	l := loader{db: db, maker: access.By{User: sampleMaker, At: now}, checker: access.By{User: sampleChecker, At: now}}
	for _, load := range []func() error{
		func() error { return each(ctx, files, "agencies.yaml", l.agency) },
		func() error { return each(ctx, files, "accounts.yaml", l.accounts) },
		func() error { return each(ctx, files, "terminals.yaml", l.terminals) },
		func() error { return each(ctx, files, "services.yaml", l.service) },
	} {
		if err := load(); err != nil {
			return l.loaded, err
		}
	}
	return l.loaded, nil
}

// each reads a file that is one list and stops at the first entry that fails.
func each[T any](ctx context.Context, files fs.FS, name string, do func(context.Context, T) error) error {
	f, err := files.Open(name)
	if err != nil {
		return fault.New(fault.NotFound, "sample data: %w", err)
	}
	defer f.Close() // It was only read.
	text, err := io.ReadAll(io.LimitReader(f, maxSampleFile+1))
	if err != nil {
		return fault.New(fault.Unavailable, "sample data: %s: %w", name, err)
	}
	if len(text) > maxSampleFile {
		return fault.New(fault.Invalid, "sample data: %s is larger than %d bytes", name, maxSampleFile)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var entries []T
	if err := decoder.Decode(&entries); err != nil {
		return fault.New(fault.Invalid, "sample data: %s: %w", name, err)
	}
	for _, e := range entries {
		if err := do(ctx, e); err != nil {
			return fmt.Errorf("sample data: %s: %w", name, err)
		}
	}
	return nil
}

type loader struct {
	db             postgres.DB
	maker, checker access.By
	loaded         Loaded
}

func (l *loader) agency(ctx context.Context, s sampleAgency) error {
	if _, err := ShowAgency(ctx, l.db, s.Code); !fault.Is(err, fault.NotFound) {
		return err
	}
	_, err := AddAgency(ctx, l.db, l.maker, Agency{Code: s.Code, Name: s.Name, NameEn: s.NameEn, Partner: s.Partner, Feed: s.Feed})
	return count(&l.loaded.Agencies, 1, err)
}

func (l *loader) accounts(ctx context.Context, s sampleAccount) error {
	from, err := calendar.ParseJalali(s.ValidFrom)
	if err != nil {
		return fmt.Errorf("account %s: valid_from: %w", s.Code, err)
	}
	for _, name := range s.Books {
		n := s.NewAccount
		n.ValidFrom = from
		if n.Book, err = ledger.ParseBook(name); err != nil {
			return fmt.Errorf("account %s: %w", s.Code, err)
		}
		if err := l.account(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) account(ctx context.Context, n NewAccount) error {
	if _, err := ShowAccount(ctx, l.db, n.Book, n.Code); !fault.Is(err, fault.NotFound) {
		return err
	}
	r, err := ProposeAccount(ctx, l.db, l.maker, n)
	if err != nil {
		return err
	}
	_, err = Approve(ctx, l.db, l.checker, r.ID)
	return count(&l.loaded.Accounts, 1, err)
}

func (l *loader) terminals(ctx context.Context, s sampleTerminals) error {
	ids, err := parseTerminals(s.Range)
	if err != nil {
		return err
	}
	if _, err := ShowTerminal(ctx, l.db, ids[0]); !fault.Is(err, fault.NotFound) {
		return err // A range is added whole, so its first tells of all.
	}
	t := Terminal{ID: s.Range, Agency: s.Agency, Type: s.Type}
	if t.Book, err = ledger.ParseBook(s.Book); err != nil {
		return fmt.Errorf("terminals %s: %w", s.Range, err)
	}
	if s.Limit != "" {
		if t.Limit, err = money.Parse(s.Limit); err != nil {
			return fmt.Errorf("terminals %s: limit: %w", s.Range, err)
		}
	}
	added, err := AddTerminals(ctx, l.db, l.maker, t)
	return count(&l.loaded.Terminals, len(added), err)
}

func (l *loader) service(ctx context.Context, s sampleService) error {
	if _, err := ShowService(ctx, l.db, s.Code); !fault.Is(err, fault.NotFound) {
		return err
	}
	_, err := AddService(ctx, l.db, l.maker, Service{Code: s.Code, Agency: s.Agency, Name: s.Name, NameEn: s.NameEn})
	return count(&l.loaded.Services, 1, err)
}

// count adds to a counter if what is counted succeeded.
func count(counter *int, n int, err error) error {
	if err == nil {
		*counter += n
	}
	return err
}
