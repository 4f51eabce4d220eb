package registry

import "treasury-switch/ledger"

// Directory is an immutable snapshot of all lists, by the keys that requests name them with. It is swapped whole when
// something changes, so whoever holds one sees all lists as they were at one moment.
type Directory struct {
	version   int64
	agencies  map[int32]Agency
	terminals map[string]Terminal
	services  map[string]Service
	accounts  map[accountKey]ledger.Account
}

type accountKey struct {
	book ledger.Book
	code string
}

// NewDirectory builds a snapshot.
func NewDirectory(agencies []Agency, terminals []Terminal, services []Service, accounts []ledger.Account) *Directory {
	d := &Directory{
		agencies:  make(map[int32]Agency, len(agencies)),
		terminals: make(map[string]Terminal, len(terminals)), services: make(map[string]Service, len(services)),
		accounts: make(map[accountKey]ledger.Account, len(accounts)),
	}
	for _, a := range agencies {
		d.agencies[a.Code] = a
	}
	for _, t := range terminals {
		d.terminals[t.ID] = t
	}
	for _, s := range services {
		d.services[s.Code] = s
	}
	for _, a := range accounts {
		d.accounts[accountKey{a.Book, a.Code}] = a
	}
	return d
}

// Version is the registry's version that the snapshot shows; 0 if it was not loaded from a database.
func (d *Directory) Version() int64 { return d.version }

// Agency finds an agency by its code.
func (d *Directory) Agency(code int32) (Agency, bool) {
	a, ok := d.agencies[code]
	return a, ok
}

// Terminal finds a terminal by its F41.
func (d *Directory) Terminal(id string) (Terminal, bool) {
	t, ok := d.terminals[id]
	return t, ok
}

// Service finds a service by its code.
func (d *Directory) Service(code string) (Service, bool) {
	s, ok := d.services[code]
	return s, ok
}

// Account finds an account of a book by its code.
func (d *Directory) Account(book ledger.Book, code string) (ledger.Account, bool) {
	a, ok := d.accounts[accountKey{book, code}]
	return a, ok
}
