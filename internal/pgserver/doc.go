// Package pgserver runs a private PostgreSQL server from the machine's own binaries, where no database is given.
//
// The server (Start) lives in a folder and is shared by every command run with that folder: the first command starts it,
// later ones find it, the last one to leave stops it. Its data stay and are used again by the next start.
package pgserver
