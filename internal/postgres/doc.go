// Package postgres opens connections to PostgreSQL.
//
// The pools (Open) are the program's only way to a database. They take everything from the address given and nothing from
// libpq's environment variables, assume the role that may not change history, and bound every wait.
package postgres
