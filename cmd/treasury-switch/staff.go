package main

import (
	"treasury-switch/internal/fault"
	"treasury-switch/internal/page"
	"treasury-switch/ledger"
	"treasury-switch/security/access"
)

// as names who acts. The maker and the checker are seeded.
type as struct {
	As string `placeholder:"USER" env:"TREASURY_AS" help:"Who does this: a member of staff, such as maker or checker."`
}

func (s as) by() (access.By, error) {
	if s.As == "" {
		return access.By{}, fault.New(fault.Denied, "say who you are: --as maker, or --as checker for the second person")
	}
	return access.By{User: s.As}, nil
}

// paged asks for a page of a list.
type paged struct {
	Limit int    `default:"100" help:"Entries of a page, at most 1000."`
	After string `placeholder:"ENTRY" help:"The last entry of the page before."`
}

func (p paged) page() (page.Request, error) {
	if p.Limit < 1 || p.Limit > page.Most {
		return page.Request{}, fault.New(fault.Invalid, "--limit is 1 to %d entries, not %d", page.Most, p.Limit)
	}
	return page.Request{After: p.After, Limit: p.Limit}, nil
}

// inBook chooses the book of an entry that is in one of the two.
type inBook struct {
	Book string `enum:"live,test" default:"live" help:"Which book: ${enum}."`
}

func (b inBook) book() ledger.Book {
	if b.Book == ledger.Test.String() {
		return ledger.Test
	}
	return ledger.Live
}

// yesNo shows a truth to people.
func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}
