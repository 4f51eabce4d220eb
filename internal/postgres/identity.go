package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Identity tells one life of one server from all others.
type Identity struct {
	System   string    // identifier of the cluster, the same for a primary and its standbys
	Timeline uint32    // grows by each failover
	Started  time.Time // when the server was started
	Address  string    // where it was reached, as it sees it; empty over a unix socket
}

// Same says whether it is the same life of the same server. By how many ways it is reached does not matter.
func (i Identity) Same(other Identity) bool {
	return i.System == other.System && i.Timeline == other.Timeline && i.Started.Equal(other.Started)
}

// inRecovery is the SQLSTATE of a standby that is asked where it writes: 55000, object_not_in_prerequisite_state.
const inRecovery = "55000"

// Identify asks who answers. The timeline is that of the file into which the server writes now: what it keeps of checkpoints lags behind a
// promotion. A standby is ErrNotWritable.
func Identify(ctx context.Context, db Querier) (Identity, error) {
	var id Identity
	var file string
	err := db.QueryRow(ctx, `
		SELECT (SELECT system_identifier::text FROM pg_control_system()), pg_walfile_name(pg_current_wal_lsn()), pg_postmaster_start_time(),
		       coalesce(host(inet_server_addr()) || ':' || inet_server_port(), '')`).Scan(&id.System, &file, &id.Started, &id.Address)
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused) && refused.Code == inRecovery:
		return Identity{}, fmt.Errorf("%w: it is a standby", ErrNotWritable)
	case err != nil:
		return Identity{}, fmt.Errorf("ask the database who it is: %w", err)
	}
	id.Timeline, err = timelineOf(file)
	return id, err
}

// timelineOf reads the timeline from the name of a file of the log: its first eight digits, in hexadecimal.
func timelineOf(file string) (uint32, error) {
	const digits = 8
	if len(file) != 3*digits {
		return 0, fmt.Errorf("ask the database for its timeline: %q is no file of its log", file)
	}
	n, err := strconv.ParseUint(file[:digits], 16, 32)
	if err != nil {
		return 0, fmt.Errorf("ask the database for its timeline: %q is no file of its log", file)
	}
	return uint32(n), nil
}

// Check refuses a connection that was just made, for a reason that lies in its server.
type Check func(ctx context.Context, db Querier) error
