// Package pan keeps card numbers (PAN, ISO/IEC 7812) unreadable at rest.
//
// A card number is needed after the answer only for a reversal, so it is kept
// sealed: AES-256-GCM (NIST SP 800-38D) under a data key of its day, which is
// itself wrapped by a master key that lives in a file and never in the
// database. When no payment of a day can need a reversal any more, DestroyDay
// removes the day's key and with it every card number of that day, without an
// update of the append-only payment rows (crypto-shredding).
//
// The promise: whoever holds the database, its log or a backup, but not
// the master key file, reads no card number, of any day. After DestroyDay the
// program cannot read them either.
//
// The limits: the write-ahead log, old backups and dead rows
// not yet vacuumed still hold the wrapped key of a destroyed day. Whoever has
// one of these and the master key too can unwrap it, until they expire. So the
// master key is never stored beside a backup, and a day counts as shredded for
// everyone only when the last backup that saw its key is gone. In memory the
// raw key bytes are zeroed at once; the expanded key inside the cipher belongs
// to the standard library and is left to the garbage collector.
//
// For searching and for request identities there are keyed digests (HMAC-SHA-256,
// RFC 2104) under keys derived by HKDF (RFC 5869) from one permanent key; card
// numbers have so few unknown digits that an unkeyed hash could be reversed by
// trying them all.
package pan
