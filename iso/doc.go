// Package iso reads and writes the ISO 8583 messages of the terminals and of the Shetab card network.
//
// The format of the fields, the presence rules of each message type, the classes of the response codes and the
// masking are data: a Dialect is loaded from a YAML file, and two files ship with the product (TerminalDialect and
// ShetabDialect). Each layer can be used alone:
//
//	Reader, AppendFrame   bytes of a stream <-> one packed message
//	Dialect.Unpack, Pack  packed message    <-> Message (fields as text)
//	Dialect.Check         presence and form of a Message, all faults together
//	Purchase, Reversal... Message           <-> one struct per message type
//
// Pack and Unpack use a table that is compiled from the moov specification of the dialect and verified against moov
// when the dialect is loaded (docs/decisions/0031).
//
// Nothing here decides about money, and nothing here opens a socket.
package iso
