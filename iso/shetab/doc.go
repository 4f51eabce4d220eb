// Package shetab is the card network as the switch sees it, over the links of package network: it implements
// switching.Network. It builds the 0200 of a debit and the 0420 or 0421 of a reversal, reads their answers by the
// dialect's classes of response codes, and maps every failure to what is certain: not sent, untrusted, or unknown.
//
// Messages that nobody waits for arrive as events of the links. An Inbox takes them: late, duplicate and unmatched
// answers to debits go to their payment, which is found in the database, and a cut-over opens the new business day.
//
// Nothing here decides about money and nothing is sent twice.
package shetab
