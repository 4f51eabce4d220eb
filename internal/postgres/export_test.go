package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"
)

// For this package's tests with a server. They are in another package, because the server's package imports this one.
var Dial = dial

const TCPUserTimeout = tcpUserTimeout

// SetDeadline gives every query of a connection an end.
func SetDeadline(config *pgx.ConnConfig, limit time.Duration) { config.Tracer = deadline{limit} }

// Newest is the newest timeline that was seen of a cluster.
func (t *Timelines) Newest(system string) uint32 { return t.seen[system] }
