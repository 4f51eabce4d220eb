package tariffs

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"treasury-switch/internal/postgres"
	"treasury-switch/registry"
	"treasury-switch/security/access"
)

// LoadSample brings versions into force that are not there yet, entered by
// maker and approved by checker, the earliest first, and returns how many it
// approved. What people have done since stays: a version that was withdrawn
// stays so, and one whose days another version holds, or whose service, agency
// or account is closed, is passed over.
func LoadSample(ctx context.Context, db postgres.DB, versions []Version, now time.Time) (approved int, err error) {
	l := sampleLoader{db: db, maker: access.By{User: access.Maker, At: now}, checker: access.By{User: access.Checker, At: now}}
	versions = slices.Clone(versions)
	slices.SortStableFunc(versions, func(a, b Version) int { return cmp.Compare(a.From, b.From) })
	for _, v := range versions {
		done, err := l.load(ctx, v)
		if err != nil {
			return approved, err
		}
		if done {
			approved++
		}
	}
	return approved, nil
}

type sampleLoader struct {
	db             postgres.DB
	maker, checker access.By
}

// load takes one version from where an earlier start left it into force.
func (l *sampleLoader) load(ctx context.Context, v Version) (bool, error) {
	there, err := records(ctx, l.db, whereServices, []string{v.Service})
	if err != nil {
		return false, err
	}
	r := draftOf(v)
	for i := range there {
		old := &there[i]
		switch same := bytes.Equal(old.Content.body(), v.body()); {
		case same && (old.EnteredBy != l.maker.User || old.State != Draft && old.State != Submitted):
			return false, nil
		case !same && blocks(old, &r):
			return false, nil
		}
	}
	err = l.bring(ctx, v)
	var kept *registry.SaleFaults
	if errors.As(err, &kept) && !kept.Missing {
		return false, nil
	}
	return err == nil, err
}

// bring enters, submits and approves a version, as far as that is to be done.
func (l *sampleLoader) bring(ctx context.Context, v Version) error {
	entered, err := Import(ctx, l.db, l.maker, []Version{v}, false)
	if err != nil {
		return err
	}
	ids := []int64{entered[0].ID}
	if entered[0].State == Draft {
		if _, err := Submit(ctx, l.db, l.maker, ids); err != nil {
			return err
		}
	}
	_, err = Approve(ctx, l.db, l.checker, ids)
	return err
}
