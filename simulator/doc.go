// Package simulator is the simulated card network: it speaks the Shetab dialect of
// ISO 8583 over TCP, debits and reverses sandbox cards in a ledger of its own,
// cuts over when told to, and misbehaves on demand.
//
// Its ledger is the other side of every test that asks whether money was lost or
// doubled, so it keeps three rules whatever its faults do: a request's key is
// debited at most once, a debit is reversed at most once, and a debit that was not
// reversed is never forgotten.
//
// A reversal that overtakes its original is answered 25 and not remembered; the
// original, arriving later, is debited like any other. A real network does so too,
// and the switch must cope: see docs/sandbox.md.
package simulator
