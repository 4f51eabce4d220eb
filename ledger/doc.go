// Package ledger keeps the books: accounts, journals, balances and business days, and reads them as statements and
// trial balances.
//
// A journal is a set of transfers. Each moves a positive amount from one account to another: it is a debit to the one and a
// credit to the other, so a journal balances by construction and there is nothing to add up. Transfers are inserted once
// and never changed; a mistake is undone by a journal that names the one it reverses. Balances are turnovers per account,
// business day and lane, written in the transaction that writes the transfers; an account's balance is the sum of its rows.
//
// Live and test money are two books. A book is part of every account's id and of every query, and no query mixes them.
package ledger
