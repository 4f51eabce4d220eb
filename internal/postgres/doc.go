// Package postgres opens connections to PostgreSQL and, where no database is given, runs a private PostgreSQL server from
// the machine's own binaries.
//
// The private server (Start) lives in a folder and is shared by every command run with that folder: the first command
// starts it, later ones find it, the last one to leave stops it. Its data stay and are used again by the next start.
//
// The pools (Open) are the program's only way to a database. They take everything from the address given and nothing from
// libpq's environment variables, assume the role that may not change history, and bound every wait.
package postgres
