// Package registry keeps the lists that payments are judged by and that people change now and then: agencies, their
// terminals and services, and (with a second person) the accounts of the ledger.
//
// Every change is one transaction that also raises the registry's version and records who did what. A node polls the
// version and swaps a whole new Directory in when it has moved, so a change takes effect everywhere without a restart.
package registry
